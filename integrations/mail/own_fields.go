package mail

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"text/template/parse"
)

// What a template takes from a mail is checked without running it: a field that is misspelt in a branch which no sample
// goes through would otherwise be found by the first customer for whom that branch is taken.

// walk goes through everything in a template.
func walk(n parse.Node, see func(parse.Node)) {
	if n == nil || reflect.ValueOf(n).IsNil() {
		return
	}
	see(n)
	for _, child := range childrenOf(n) {
		walk(child, see)
	}
}

func childrenOf(n parse.Node) (list []parse.Node) {
	switch n := n.(type) {
	case *parse.ListNode:
		return n.Nodes
	case *parse.ActionNode:
		return []parse.Node{n.Pipe}
	case *parse.TemplateNode:
		return []parse.Node{n.Pipe}
	case *parse.IfNode:
		return []parse.Node{n.Pipe, n.List, n.ElseList}
	case *parse.WithNode:
		return []parse.Node{n.Pipe, n.List, n.ElseList}
	case *parse.RangeNode:
		return []parse.Node{n.Pipe, n.List, n.ElseList}
	case *parse.PipeNode:
		for _, c := range n.Cmds {
			list = append(list, c)
		}
	case *parse.CommandNode:
		return n.Args
	case *parse.ChainNode:
		return []parse.Node{n.Node}
	}
	return list
}

// fieldCheck goes through the blocks of one mail.
type fieldCheck struct {
	texts  texts
	pair   pair
	view   reflect.Type
	seen   map[string]bool
	faults []error
}

// checkFields looks at every mail's blocks.
func (t texts) checkFields() (faults []error) {
	for l, p := range t.kinds {
		c := fieldCheck{texts: t, pair: p, view: reflect.TypeFor[*view](), seen: map[string]bool{}}
		if l.kind == noticeFile {
			c.view = reflect.TypeFor[*noticeView]()
		}
		for _, block := range []string{"subject", "text", "html"} {
			c.block(block)
			c.circle(block, nil)
		}
		faults = append(faults, c.faults...)
	}
	return faults
}

// block checks a block that is given the whole mail.
func (c *fieldCheck) block(name string) {
	if c.seen[name] {
		return
	}
	c.seen[name] = true
	if t := c.pair.text.Lookup(name); t != nil && t.Tree != nil {
		c.look(t.Tree, t.Root, true)
	}
}

// circle finds a block that calls itself, be it through others: no mail would ever come to its end.
func (c *fieldCheck) circle(name string, above []string) {
	t := c.pair.text.Lookup(name)
	if t == nil || t.Tree == nil {
		return
	}
	above = append(above, name)
	walk(t.Root, func(n parse.Node) {
		call, ok := n.(*parse.TemplateNode)
		switch {
		case !ok:
		case slices.Contains(above, call.Name):
			c.fault(t.Tree, call, "the block %q calls itself", call.Name)
		default:
			c.circle(call.Name, slices.Clone(above))
		}
	})
}

// look goes through a part of a block; whole says that the dot is the mail there.
func (c *fieldCheck) look(tree *parse.Tree, n parse.Node, whole bool) {
	if n == nil || reflect.ValueOf(n).IsNil() {
		return
	}
	switch n := n.(type) {
	case *parse.FieldNode:
		if whole {
			c.known(tree, n, n.Ident)
		}
	case *parse.VariableNode:
		if n.Ident[0] == "$" && len(n.Ident) > 1 {
			c.known(tree, n, n.Ident[1:])
		}
	case *parse.CommandNode:
		c.said(tree, n, whole)
	case *parse.TemplateNode:
		if arg := onlyArgument(n.Pipe); arg == "$" || (arg == "." && whole) {
			c.block(n.Name)
		}
	case *parse.WithNode:
		c.within(tree, n.Pipe, n.List, n.ElseList, whole)
		return
	case *parse.RangeNode:
		c.within(tree, n.Pipe, n.List, n.ElseList, whole)
		return
	}
	for _, child := range childrenOf(n) {
		c.look(tree, child, whole)
	}
}

// within checks a block in which the dot is something of the mail.
func (c *fieldCheck) within(tree *parse.Tree, pipe, list, otherwise parse.Node, whole bool) {
	c.look(tree, pipe, whole)
	c.look(tree, list, false)
	c.look(tree, otherwise, whole)
}

func onlyArgument(p *parse.PipeNode) string {
	if p == nil || len(p.Cmds) != 1 || len(p.Cmds[0].Args) != 1 {
		return ""
	}
	return p.Cmds[0].Args[0].String()
}

// known checks that a mail has this field, and that field the next one.
func (c *fieldCheck) known(tree *parse.Tree, n parse.Node, ident []string) {
	at := c.view
	for _, name := range ident {
		next := member(at, name)
		if next == nil {
			c.fault(tree, n, "there is no .%s in this mail", strings.Join(ident, "."))
			return
		}
		at = next
	}
}

// member is the type of a field or of what a method gives; nil when there is neither.
func member(of reflect.Type, name string) reflect.Type {
	if m, ok := of.MethodByName(name); ok {
		return m.Type.Out(0)
	}
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct {
		return nil
	}
	if f, ok := of.FieldByName(name); ok && f.IsExported() {
		return f.Type
	}
	return nil
}

// said checks that a text that is asked for by its key is there, with all that stands in it.
func (c *fieldCheck) said(tree *parse.Tree, n *parse.CommandNode, whole bool) {
	if len(n.Args) < 2 {
		return
	}
	call := n.Args[0].String()
	key, isKey := n.Args[1].(*parse.StringNode)
	own := whole && (call == ".T" || call == ".HTML")
	if !isKey || (!own && call != "$.T" && call != "$.HTML") {
		return
	}
	if !c.texts.words.Knows(key.Text) {
		c.fault(tree, n, "there is no text %q", key.Text)
	} else if places := c.texts.words.Places(key.Text); len(n.Args)-2 < len(slices.Compact(places)) {
		c.fault(tree, n, "the text %q has %d places to fill", key.Text, len(places))
	}
}

func (c *fieldCheck) fault(tree *parse.Tree, n parse.Node, format string, args ...any) {
	where, _ := tree.ErrorContext(n)
	c.faults = append(c.faults, fmt.Errorf("%s: "+format, append([]any{where}, args...)...))
}
