package mail

import (
	htmltemplate "html/template"
	"text/template/parse"
)

// Most of what a mail says is the same in every mail of its kind and language. It is written into our templates when they are
// read, so that no mail asks for it again.

// writeIn puts the texts that have nothing to fill into a block. written is how a text stands there.
func (w words) writeIn(block *parse.Tree, written func(string) string) {
	if block == nil {
		return
	}
	walk(block.Root, func(n parse.Node) {
		list, ok := n.(*parse.ListNode)
		if !ok {
			return
		}
		for i, one := range list.Nodes {
			if text, always := w.always(one); always {
				list.Nodes[i] = &parse.TextNode{NodeType: parse.NodeText, Pos: one.Position(), Text: []byte(written(text))}
			}
		}
	})
}

// always is the text that a template asks for by its key, where it is the same in every mail.
func (w words) always(n parse.Node) (string, bool) {
	action, ok := n.(*parse.ActionNode)
	if !ok || len(action.Pipe.Decl) > 0 || len(action.Pipe.Cmds) != 1 || len(action.Pipe.Cmds[0].Args) != 2 {
		return "", false
	}
	call := action.Pipe.Cmds[0].Args[0].String()
	key, isKey := action.Pipe.Cmds[0].Args[1].(*parse.StringNode)
	if !isKey || (call != ".T" && call != "$.T") {
		return "", false
	}
	text, err := w.T(key.Text) // fails where there is something to fill
	return text, err == nil
}

// asItStands writes a text into a mail's plain part, escaped into its page. Our blocks have texts between tags alone.
func asItStands(text string) string { return text }

func escaped(text string) string { return htmltemplate.HTMLEscapeString(text) }
