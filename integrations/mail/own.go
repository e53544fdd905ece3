package mail

import (
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	texttemplate "text/template"
	"text/template/parse"

	"pointbridge/templates"
)

// A merchant can give templates of their own. Ours are read first and theirs on top, block by block: what they do not
// define is ours. A file in the folder itself is for every language, one in a folder named after a language for that
// language alone.

const (
	layoutFile   = "layout"
	templateFile = ".tmpl"
	// largestTemplate bounds a file of theirs: mail programs cut a mail off that is longer than about this.
	largestTemplate = 100_000
)

// ownFile is one template of the merchant's; locale is empty where it is for every language.
type ownFile struct{ path, locale, name, text string }

// letterNames are the names that a template can have, besides the layout's.
func letterNames() []string {
	names := make([]string, 0, len(kinds())+1)
	for _, kind := range kinds() {
		names = append(names, string(kind))
	}
	return append(names, noticeFile)
}

// readTexts reads our templates, and the merchant's on top of them. The error joins every fault there is.
func readTexts(dir string) (texts, error) {
	if dir == "" {
		return shippedTexts()
	}
	return readTextsOf(dir)
}

// shippedTexts reads ours alone, once: they are part of the program.
var shippedTexts = sync.OnceValues(func() (texts, error) { return readTextsOf("") })

func readTextsOf(dir string) (texts, error) {
	catalogue, err := templates.Texts()
	if err != nil {
		return texts{}, err
	}
	all := texts{words: catalogue, kinds: map[letter]pair{}}
	own, faults := readOwn(dir)
	for _, locale := range templates.Locales() {
		for _, name := range letterNames() {
			p, wrong := readPair(words{catalogue, locale}, name, own)
			faults = append(faults, wrong...)
			all.kinds[letter{locale, name}] = p
		}
	}
	if len(faults) == 0 {
		faults = checkBlocks(all, own)
	}
	if len(faults) == 0 && len(own) > 0 {
		faults = all.rehearse()
	}
	return all, joined(faults)
}

// joined is every fault once, in one order: what is wrong in a layout is wrong in each mail.
func joined(faults []error) error {
	slices.SortFunc(faults, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(slices.CompactFunc(faults, func(a, b error) bool { return a.Error() == b.Error() })...)
}

// readOwn reads the merchant's folder. What begins with a dot is passed over: mounted folders have such entries.
func readOwn(dir string) (files []ownFile, faults []error) {
	if dir == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, []error{errors.New("the folder cannot be read")}
	}
	root := os.DirFS(dir)
	for _, e := range entries {
		name := e.Name()
		info, err := fs.Stat(root, name) // follows links, which mounted folders are made of
		switch {
		case strings.HasPrefix(name, "."):
		case err != nil:
			faults = append(faults, fmt.Errorf("%s cannot be read", name))
		case !info.IsDir():
			files, faults = addOwn(root, "", name, files, faults)
		case !slices.Contains(templates.Locales(), name):
			faults = append(faults, fmt.Errorf("%s is no language: %s", name, strings.Join(templates.Locales(), ", ")))
		default:
			files, faults = readLocale(root, name, files, faults)
		}
	}
	return files, faults
}

func readLocale(root fs.FS, locale string, files []ownFile, faults []error) ([]ownFile, []error) {
	entries, err := fs.ReadDir(root, locale)
	if err != nil {
		return files, append(faults, fmt.Errorf("%s cannot be read", locale))
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			files, faults = addOwn(root, locale, e.Name(), files, faults)
		}
	}
	return files, faults
}

func addOwn(root fs.FS, locale, file string, files []ownFile, faults []error) ([]ownFile, []error) {
	where := path.Join(locale, file)
	name, isTemplate := strings.CutSuffix(file, templateFile)
	if known := append(letterNames(), layoutFile); !isTemplate || !slices.Contains(known, name) {
		return files, append(faults, fmt.Errorf("%s is no template that there is; there are %s, each with %s", where,
			strings.Join(known, ", "), templateFile))
	}
	info, err := fs.Stat(root, where)
	if err != nil || !info.Mode().IsRegular() {
		return files, append(faults, fmt.Errorf("%s is no file that can be read", where))
	}
	if info.Size() > largestTemplate {
		return files, append(faults, fmt.Errorf("%s is longer than %d bytes", where, largestTemplate))
	}
	text, err := fs.ReadFile(root, where)
	if err != nil {
		return files, append(faults, fmt.Errorf("%s cannot be read", where))
	}
	return append(files, ownFile{where, locale, name, string(text)}), faults
}

// readOurs parses our templates of a mail twice: its text is plain, and its body is escaped.
func readOurs(name string) (pair, error) {
	ours := []string{"mail/layout.tmpl", "mail/" + name + templateFile}
	text, err := texttemplate.New(name).Option("missingkey=error").ParseFS(templates.Mail, ours...)
	if err != nil {
		return pair{}, err
	}
	html, err := htmltemplate.New(name).Option("missingkey=error").ParseFS(templates.Mail, ours...)
	return pair{text, html}, err
}

// readPair reads our templates of a mail, and the merchant's on top of them.
func readPair(in words, name string, own []ownFile) (pair, []error) {
	p, err := readOurs(name)
	if err != nil {
		return pair{}, []error{err}
	}
	for _, block := range p.text.Templates() {
		in.writeIn(block.Tree, asItStands)
	}
	for _, block := range p.html.Templates() {
		in.writeIn(block.Tree, escaped)
	}
	var faults []error
	for _, f := range ownOf(in.Locale, name, own) {
		if _, err := p.text.New(f.path).Parse(f.text); err != nil {
			faults = append(faults, plainly(err))
			continue // the other parser says the same
		}
		if _, err := p.html.New(f.path).Parse(f.text); err != nil {
			faults = append(faults, plainly(err))
		}
	}
	return p, faults
}

// ownOf are the merchant's files that a mail is made of, in their order: the layout before the mail, what is for every
// language before what is for one.
func ownOf(locale, name string, own []ownFile) (list []ownFile) {
	for _, file := range []string{layoutFile, name} {
		for _, in := range []string{"", locale} {
			for _, f := range own {
				if f.name == file && f.locale == in {
					list = append(list, f)
				}
			}
		}
	}
	return list
}

// plainly is an error of a template package as it names the place, without the package's name.
func plainly(err error) error {
	text := err.Error()
	for _, prefix := range []string{"html/template:", "template: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	return errors.New(strings.ReplaceAll(strings.TrimSpace(text), "\n", " "))
}

// checkBlocks finds what would be read and never be used: text outside of every block, and blocks that nothing calls.
func checkBlocks(all texts, own []ownFile) (faults []error) {
	for _, f := range own {
		if tree := parsed(f)[f.path]; tree != nil && !parse.IsEmptyTree(tree.Root) {
			faults = append(faults, fmt.Errorf("%s has text outside of its blocks, which no mail would show", f.path))
		}
		used := all.called(f)
		for block, tree := range parsed(f) {
			switch {
			case block == f.path:
			case !used[block]:
				faults = append(faults, fmt.Errorf("%s: nothing uses the block %q", f.path, block))
			case parse.IsEmptyTree(tree.Root): // the parser passes over it without a word
				faults = append(faults, fmt.Errorf(`%s: the block %q is empty, which changes nothing; {{""}} in it says nothing`,
					f.path, block))
			}
		}
	}
	return append(faults, all.checkFields()...)
}

// parsed is a file of theirs by itself, block by block. It was parsed before, so it can be.
func parsed(f ownFile) map[string]*parse.Tree {
	t, err := texttemplate.New(f.path).Parse(f.text)
	if err != nil {
		return nil
	}
	trees := map[string]*parse.Tree{}
	for _, one := range t.Templates() {
		if one.Tree != nil {
			trees[one.Name()] = one.Tree
		}
	}
	return trees
}

// called are the blocks that are used in the mails a file belongs to: the three that a mail is made of, and what any
// block calls.
func (t texts) called(f ownFile) map[string]bool {
	used := map[string]bool{"subject": true, "text": true, "html": true}
	for l, p := range t.kinds {
		if (f.name != layoutFile && f.name != l.kind) || (f.locale != "" && f.locale != l.locale) {
			continue
		}
		for _, one := range p.text.Templates() {
			if one.Tree != nil {
				walk(one.Root, func(n parse.Node) {
					if call, ok := n.(*parse.TemplateNode); ok {
						used[call.Name] = true
					}
				})
			}
		}
	}
	return used
}
