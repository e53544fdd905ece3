package demo

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"pointbridge/integrations/private"
)

// File is what a demo tells people's curl and other people's test scripts, as <data>/demo.json.
type File struct {
	API       string            `json:"api"`
	Mailbox   string            `json:"mailbox"`
	Store     string            `json:"storefront"`
	Console   string            `json:"console"`
	Wallet    string            `json:"wallet"`
	POS       demoPOS           `json:"pos"`
	Shopify   demoShopify       `json:"shopify"`
	Keys      map[string]string `json:"keys"`
	Staff     []SignIn          `json:"staff"`
	Customers []demoCustomer    `json:"customers"`
	Secret    string            `json:"secret_key"`
	Metrics   string            `json:"metrics_token"`
	// SMTP is where the mailbox takes mails while the demo runs.
	SMTP string `json:"smtp"`
}

type demoPOS struct {
	// Kind is empty in files of before there was a choice.
	Kind  string `json:"kind"`
	URL   string `json:"url"`
	Token string `json:"token"`
}

type demoShopify struct {
	URL          string `json:"url"`
	Shop         string `json:"shop"`
	AccessToken  string `json:"access_token"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
}

type SignIn struct {
	Email    string `json:"email"`
	Password string `json:"password"`
	Role     string `json:"role"`
}

type demoCustomer struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Points  int64  `json:"points"`
	Shopify string `json:"shopify_customer_id"`
}

func (f File) Credentials() Credentials {
	return Credentials{Kind: f.POS.Kind, POSToken: f.POS.Token, AccessToken: f.Shopify.AccessToken, ClientID: f.Shopify.ClientID,
		ClientSecret: f.Shopify.ClientSecret}
}

// Folder returns the data folder: the named one, or the first of this user's own in the system's temporary folder.
func Folder(data string) (string, error) {
	if data == "" {
		return numberedFolder(1)
	}
	dir, err := filepath.Abs(data)
	if err != nil {
		return "", err
	}
	_, err = private.Folder(dir)
	return dir, err
}

// clearDemo removes what an earlier demo left, and nothing else.
func clearDemo(dir string) error {
	for _, name := range []string{"demo.json", "demo.json.new", "pointbridge.db", "pointbridge.db-wal",
		"pointbridge.db-shm", "pos.jsonl", "shopify.jsonl", "mailbox.jsonl"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// There reports whether a folder has anything of a demo.
func There(dir string) bool {
	for _, name := range []string{"demo.json", "pointbridge.db"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}

// Read reads the file of an earlier start, or draws new credentials.
func Read(dir string) (File, error) {
	raw, err := private.Read(filepath.Join(dir, "demo.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return File{POS: demoPOS{Token: Draw()}, Secret: Draw() + Draw(), Metrics: Draw(), Keys: map[string]string{},
			Shopify: demoShopify{Shop: DemoShop, AccessToken: Draw(), ClientID: Draw(), ClientSecret: Draw()}}, nil
	}
	if err != nil {
		return File{}, err
	}
	var file File
	if err := json.Unmarshal(raw, &file); err != nil {
		return File{}, fmt.Errorf("demo.json cannot be read: %w", err)
	}
	return file, nil
}

func Draw() string {
	var b [24]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func Write(dir string, file File) error {
	raw, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "demo.json")
	f, err := private.Create(path + ".new")
	if err != nil {
		return err
	}
	_, err = f.Write(append(raw, '\n'))
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
