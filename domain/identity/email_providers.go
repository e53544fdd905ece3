package identity

// provider says which spellings reach one mailbox, by what the provider or, where it is silent, the public record says.
// Whatever is not listed here has no rules: plus signs, dots and hyphens are part of the address.
type provider struct {
	name    string
	domains []string
	// oneMailbox: the same name is the same mailbox at each of the domains; keys are written with the first.
	oneMailbox bool
	// tag begins what the provider ignores up to the @.
	tag string
	// ignored are the signs that do not count within a name.
	ignored string
	// base ends the base name of disposable addresses: all that share it are one account's. The base name is no
	// mailbox: somebody else can own that address, so the sign stays in the key.
	base string
	// subdomains: anything@user.domain reaches user@domain.
	subdomains bool
	// source is where it says so.
	source string
}

var providers = []provider{{
	name: "Gmail", domains: []string{"gmail.com", "googlemail.com"}, oneMailbox: true, tag: "+", ignored: ".",
	source: "https://support.google.com/mail/answer/7436150 (dots), /10313 (googlemail.com), /12096 (plus)",
}, {
	name: "Outlook.com", domains: microsoft, tag: "+",
	source: "https://support.microsoft.com/office/459b1989-356d-40fa-a689-8f285b13f1f2 (plus); " +
		"dots count: https://github.com/johno/normalize-email/issues/1 (tried by hand)",
}, {
	name: "iCloud Mail", domains: []string{"icloud.com", "me.com", "mac.com"}, oneMailbox: true, tag: "+",
	source: "https://support.apple.com/118230 (the three domains); " +
		"https://kosukety.org/use-plus-sign-alias-in-icloud (plus, tried by hand)",
}, {
	name: "Proton Mail", domains: []string{"proton.me", "protonmail.com", "pm.me", "protonmail.ch"}, oneMailbox: true,
	tag: "+", ignored: ".-_",
	source: "https://proton.me/support/change-username (signs), /addresses-and-aliases (domains and plus); a name is " +
		"kept for its account at every domain, as Proton said when proton.me came in 2022",
}, {
	name: "Fastmail", domains: []string{"fastmail.com", "fastmail.fm"}, tag: "+", subdomains: true,
	source: "https://www.fastmail.help/hc/en-us/articles/360060591053",
}, {
	name: "Yahoo", domains: yahoo, base: "-",
	source: "https://help.yahoo.com/kb/SLN28815.html (nickname-keyword; the nickname is not the mailbox's name); " +
		"US patent application 2006/0041621 (the dash is kept for such addresses)",
}, {
	name: "Yahoo! JAPAN", domains: []string{"yahoo.co.jp"}, base: "-",
	source: "Safety addresses, ベースネーム-キーワード@yahoo.co.jp: https://imayorimotto.net/yahoo-safety-address",
}, {
	// Addresses with two dots in a row or a dot before the @ were given out until 2009 and are still in use.
	name: "Japanese mobile carriers", domains: carriers,
	source: "https://kurojica.tayori.com/q/schedule-help/detail/592117; http://hayatomo.com/68",
}}

// microsoft are the domains of Outlook.com that people were offered. The same name at two of them is two mailboxes.
// The list is that of validator.js 13.15.35 (lib/normalizeEmail.js) and of Validity's overview of Outlook.com and
// Hotmail, with the Japanese ones that both lack.
var microsoft = []string{
	"outlook.com", "outlook.at", "outlook.be", "outlook.cl", "outlook.co.il", "outlook.co.nz", "outlook.co.th",
	"outlook.com.ar", "outlook.com.au", "outlook.com.br", "outlook.com.gr", "outlook.com.pe", "outlook.com.tr",
	"outlook.com.vn", "outlook.cz", "outlook.de", "outlook.dk", "outlook.es", "outlook.fr", "outlook.hu", "outlook.id",
	"outlook.ie", "outlook.in", "outlook.it", "outlook.jp", "outlook.kr", "outlook.lv", "outlook.my", "outlook.ph",
	"outlook.pt", "outlook.sa", "outlook.sg", "outlook.sk",
	"hotmail.com", "hotmail.at", "hotmail.be", "hotmail.ca", "hotmail.cl", "hotmail.co.il", "hotmail.co.jp",
	"hotmail.co.nz", "hotmail.co.th", "hotmail.co.uk", "hotmail.com.ar", "hotmail.com.au", "hotmail.com.br",
	"hotmail.com.gr", "hotmail.com.mx", "hotmail.com.pe", "hotmail.com.tr", "hotmail.com.vn", "hotmail.cz",
	"hotmail.de", "hotmail.dk", "hotmail.es", "hotmail.fr", "hotmail.hu", "hotmail.id", "hotmail.ie", "hotmail.in",
	"hotmail.it", "hotmail.jp", "hotmail.kr", "hotmail.lv", "hotmail.my", "hotmail.ph", "hotmail.pt", "hotmail.sa",
	"hotmail.se", "hotmail.sg", "hotmail.sk",
	"live.com", "live.at", "live.be", "live.ca", "live.co.uk", "live.com.ar", "live.com.mx", "live.de", "live.es",
	"live.eu", "live.fr", "live.it", "live.jp", "live.nl", "msn.com", "passport.com", "windowslive.com",
}

var yahoo = []string{
	"yahoo.com", "yahoo.ca", "yahoo.co.in", "yahoo.co.uk", "yahoo.com.ar", "yahoo.com.au", "yahoo.com.br",
	"yahoo.com.mx", "yahoo.com.sg", "yahoo.com.tw", "yahoo.de", "yahoo.es", "yahoo.fr", "yahoo.in", "yahoo.it",
	"yahoo.se", "ymail.com", "rocketmail.com",
}

var carriers = []string{
	"docomo.ne.jp", "ezweb.ne.jp", "au.com", "softbank.ne.jp", "i.softbank.jp", "disney.ne.jp", "ymobile.ne.jp",
	"y-mobile.ne.jp", "uqmobile.jp", "willcom.com", "pdx.ne.jp", "rakumail.jp",
	"c.vodafone.ne.jp", "d.vodafone.ne.jp", "h.vodafone.ne.jp", "k.vodafone.ne.jp", "n.vodafone.ne.jp",
	"q.vodafone.ne.jp", "r.vodafone.ne.jp", "s.vodafone.ne.jp", "t.vodafone.ne.jp",
}

// providerOf finds a provider by each of its domains.
var providerOf = func() map[string]provider {
	found := map[string]provider{}
	for _, p := range providers {
		for _, host := range p.domains {
			found[host] = p
		}
	}
	return found
}()
