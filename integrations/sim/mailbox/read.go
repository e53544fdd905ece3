package mailbox

import (
	"errors"
	"io"
	"net/textproto"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // the charsets mails come in, ISO-2022-JP among them
	"github.com/emersion/go-message/mail"
)

// read takes a mail apart: the first plain text, the first HTML, and the headers. Attachments are passed over. A
// charset nobody knows is no error: the bytes are kept as they came.
func read(r io.Reader) (Message, error) {
	reader, err := mail.CreateReader(r)
	if err != nil && !message.IsUnknownCharset(err) {
		return Message{}, err
	}
	m := Message{Headers: headers(reader.Header)}
	m.Subject, _ = reader.Header.Text("Subject") // undecoded where it cannot be decoded
	m.MessageID, _ = reader.Header.MessageID()   // empty where there is none
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return m, nil
		}
		if err != nil && !message.IsUnknownCharset(err) {
			return m, err
		}
		if err := m.take(part); err != nil {
			return m, err
		}
	}
}

func headers(h mail.Header) map[string][]string {
	all := map[string][]string{}
	for fields := h.Fields(); fields.Next(); {
		text, _ := fields.Text() // undecoded where it cannot be decoded
		name := textproto.CanonicalMIMEHeaderKey(fields.Key())
		all[name] = append(all[name], text)
	}
	return all
}

func (m *Message) take(part *mail.Part) error {
	inline, ok := part.Header.(*mail.InlineHeader)
	if !ok {
		return nil
	}
	body, err := io.ReadAll(part.Body)
	if err != nil {
		return err
	}
	switch kind, _, _ := inline.ContentType(); {
	case kind == "text/html" && m.HTML == "":
		m.HTML = string(body)
	case kind == "text/plain" && m.Text == "":
		m.Text = string(body)
	}
	return nil
}
