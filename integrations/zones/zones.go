// Package zones loads time zones from the newest data at hand: that of the system, or that which is built in. A shop's
// clocks are changed by governments at a few months' notice, and neither the system of a long-running machine nor the
// Go release of the day can be relied on to know it (Go 1.26.8 carries 2025c, in which Vancouver still puts its clocks
// back).
package zones

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"sync"
	"time"
)

//go:generate ../../scripts/update-zones

//go:embed zones.zip
var builtIn []byte

// systemFolders are where systems keep compiled zones, as Go's own time package looks for them.
var systemFolders = []string{"/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/usr/lib/locale/TZ", "/etc/zoneinfo"}

// maxZone is more than the compiled form of any zone takes.
const maxZone = 1 << 20

// ErrUnknown says that no zone has the name.
var ErrUnknown = errors.New("not the name of a time zone")

// Data is one collection of zones.
type Data struct {
	// Origin is "system" or "built in"; Version names the release of the time zone database, such as "2026f".
	Origin, Version string
	files           fs.FS
}

var versionPattern = regexp.MustCompile(`^\d{4}[a-z]{1,2}$`)

// Newest gives the newest data at hand. Of the same version the system's counts.
var Newest = sync.OnceValue(func() Data {
	best := BuiltIn()
	for _, folder := range systemFolders {
		if d, ok := In(os.DirFS(folder), "system"); ok && d.Version >= best.Version {
			best = d
		}
	}
	return best
})

// BuiltIn returns the data that the program carries.
func BuiltIn() Data {
	archive, err := zip.NewReader(bytes.NewReader(builtIn), int64(len(builtIn)))
	if err != nil {
		panic("zones: the built-in archive cannot be read: " + err.Error())
	}
	d, ok := In(archive, "built in")
	if !ok {
		panic("zones: the built-in archive does not name its version")
	}
	return d
}

// In returns the data of a folder; false where it does not tell its version, so that it cannot be compared with others.
func In(files fs.FS, origin string) (Data, bool) {
	for _, name := range []string{"tzdata.zi", "+VERSION", "VERSION"} {
		if version := versionIn(files, name); version != "" {
			return Data{Origin: origin, Version: version, files: files}, true
		}
	}
	return Data{}, false
}

// versionIn reads the first line, which tzdata.zi begins with "# version ".
func versionIn(files fs.FS, name string) string {
	file, err := files.Open(name)
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }()
	head, err := io.ReadAll(io.LimitReader(file, 64))
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(head), "\n")
	version := strings.TrimSpace(strings.TrimPrefix(line, "# version "))
	if !versionPattern.MatchString(version) {
		return ""
	}
	return version
}

// Load returns the zone of an IANA name. Errors: ErrUnknown.
func (d Data) Load(name string) (*time.Location, error) {
	switch {
	case name == "UTC":
		return time.UTC, nil
	case name == "" || name == "Local" || path.Clean(name) != name || !fs.ValidPath(name):
		return nil, ErrUnknown
	}
	file, err := d.files.Open(name)
	if err != nil {
		return nil, ErrUnknown
	}
	defer func() { _ = file.Close() }()
	content, err := io.ReadAll(io.LimitReader(file, maxZone))
	if err != nil {
		return nil, ErrUnknown
	}
	zone, err := time.LoadLocationFromTZData(name, content)
	if err != nil {
		return nil, ErrUnknown
	}
	return zone, nil
}

// Names lists the zones whose names have an area and a place, such as Asia/Tokyo.
func (d Data) Names() ([]string, error) {
	var names []string
	err := fs.WalkDir(d.files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() || !strings.Contains(name, "/") {
			return nil
		}
		names = append(names, name)
		return nil
	})
	return names, err
}
