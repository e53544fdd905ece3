package identity

import (
	"net/netip"
	"strings"

	"pointbridge/domain"
)

// email gives the matching key of a mail address: two spellings that reach one mailbox have one key, as far as the
// provider says so in public. It is a key and no address: nobody writes to it. "" is what cannot be an address.
func email(text string, ascii func(string) string) string {
	address, ok := domain.ReadMailAddress(unquoted(strings.TrimSuffix(strings.TrimSpace(foldUnseen(text)), ".")))
	if !ok {
		return ""
	}
	at := strings.LastIndexByte(address, '@')
	local, host := strings.ToLower(address[:at]), mailDomain(address[at+1:], ascii)
	if local == "" || host == "" {
		return ""
	}
	if p, ok := providerOf[host]; ok {
		return p.key(local, host)
	}
	if user, host, ok := strings.Cut(host, "."); ok && providerOf[host].subdomains {
		// whatever@user.fastmail.com is user+whatever@fastmail.com.
		return providerOf[host].key(user, host)
	}
	return local + "@" + host
}

// key applies the rules of one provider, in the order in which its servers do: the tag goes, then the signs that do
// not count.
func (p provider) key(local, host string) string {
	local, _, _ = cut(local, p.tag)
	if base, _, found := cut(local, p.base); found {
		local = base + p.base
	}
	local = strings.Map(func(r rune) rune {
		if strings.ContainsRune(p.ignored, r) {
			return -1
		}
		return r
	}, local)
	if strings.Trim(local, p.base) == "" {
		return ""
	}
	if p.oneMailbox {
		host = p.domains[0]
	}
	return local + "@" + host
}

// cut is strings.Cut for signs that may be none.
func cut(text, sign string) (before, after string, found bool) {
	if sign == "" {
		return text, "", false
	}
	return strings.Cut(text, sign)
}

// unquoted takes off the quotes that RFC 5322 wants around local parts such as a..b: they are no part of the address.
// A local part that needs its quotes keeps them.
func unquoted(text string) string {
	at := strings.LastIndexByte(text, '@')
	if at < 3 || text[0] != '"' || text[at-1] != '"' || strings.ContainsAny(text[1:at-1], `"\@ `) {
		return text
	}
	return text[1:at-1] + text[at:]
}

// mailDomain is the part after the @ in lower case, in one spelling where the domain is an international one; "" for
// what is no domain that mail comes from.
func mailDomain(text string, ascii func(string) string) string {
	text = strings.ToLower(text)
	if ascii != nil {
		text = ascii(text)
	}
	name, top := text, text[strings.LastIndexByte(text, '.')+1:]
	_, number := netip.ParseAddr(name)
	if name == top || top == "" || strings.HasPrefix(name, ".") || strings.Contains(name, "..") ||
		strings.HasPrefix(name, "[") || number == nil {
		return ""
	}
	return name
}
