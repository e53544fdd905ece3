package audit

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// readLink takes a line apart. What the members say only names the row; what holds is the hash over the bytes.
func readLink(line []byte) Link {
	link, is := named(line)
	if !is {
		return Link{Fault: "the line is no row of an export"}
	}
	text, hash, keyed, fault := cutSeal(line)
	if fault != "" {
		link.Fault = fault
		return link
	}
	link.Hash, link.Keyed = hash, keyed
	link.Canonical = append(append(make([]byte, 0, len(text)+1), text...), '}')
	return link
}

// named reads what names a row. Lines are nearly always as they were written, and then the members are where they were
// put: to have each line of a long file read as any JSON took most of the time.
func named(line []byte) (l Link, is bool) {
	rest, one := bytes.CutPrefix(line, []byte(`{"seq":`))
	seq, rest, two := cutNumber(rest)
	rest, three := bytes.CutPrefix(rest, []byte(`,"id":`))
	id, rest, four := cutNumber(rest)
	// In a text of a row there is a backslash before each quotation mark, so this can only be the member.
	_, rest, five := bytes.Cut(rest, []byte(`,"code":"`))
	code, _, six := bytes.Cut(rest, []byte(`"`))
	if one && two && three && four && five && six && bytes.IndexByte(code, '\\') < 0 && json.Valid(line) {
		return Link{Seq: seq, AuditID: id, Code: string(code)}, true
	}
	var found struct {
		Seq  int64  `json:"seq"`
		ID   int64  `json:"id"`
		Code string `json:"code"`
	}
	is = json.Unmarshal(line, &found) == nil && found.Seq > 0
	return Link{Seq: found.Seq, AuditID: found.ID, Code: found.Code}, is
}

// cutNumber takes a positive number off the beginning, as it is written down.
func cutNumber(text []byte) (n int64, rest []byte, is bool) {
	end := 0
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	if end == 0 || end > 19 || text[0] == '0' {
		return 0, text, false
	}
	n, err := strconv.ParseInt(string(text[:end]), 10, 64)
	return n, text[end:], err == nil
}

// cutSeal takes the seal off the end of a line, and leaves the text that was hashed, but for its last brace.
func cutSeal(line []byte) (text []byte, hash Hash, keyed Keyed, fault string) {
	line, keyed = cutKeyed(line)
	cut := len(line) - (tail - len(`"}`))
	if keyed == (Keyed{}) {
		cut -= len(`"}`)
		line = line[:max(0, len(line)-len(`"}`))]
	}
	if cut <= 0 || !bytes.HasPrefix(line[cut:], []byte(hashMember)) {
		return nil, hash, keyed, "the line does not end with its hash"
	}
	hash, err := ParseHash(string(line[cut+len(hashMember):]))
	if err != nil {
		return nil, hash, keyed, err.Error()
	}
	return line[:cut], hash, keyed, ""
}

// cutKeyed takes the keyed part off a line, from behind the digits of its hash to its end; without one the line stays as
// it is. No text of a row can look like it: there a quotation mark has a backslash before it.
func cutKeyed(line []byte) ([]byte, Keyed) {
	at := bytes.LastIndex(line, []byte(macMember))
	if at < 0 {
		return line, Keyed{}
	}
	rest := line[at+len(macMember):]
	digits := 2 * len(Hash{})
	if len(rest) < digits+len(keyMember)+keyIDDigits {
		return line, Keyed{}
	}
	mac, rest := rest[:digits], rest[digits:]
	rest, one := bytes.CutPrefix(rest, []byte(keyMember))
	id, rest := rest[:keyIDDigits], rest[keyIDDigits:]
	rest, two := bytes.CutPrefix(rest, []byte(fromMember))
	from, rest, three := cutNumber(rest)
	hash, err := ParseHash(string(mac))
	if !one || !two || !three || string(rest) != "}" || !small(mac) || !small(id) || err != nil {
		return line, Keyed{}
	}
	return line[:at], Keyed{Key: string(id), From: from, MAC: hash}
}

// small tells whether there is no digit but those that are written: a capital one would be the same number in another
// text.
func small(digits []byte) bool {
	for _, c := range digits {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
