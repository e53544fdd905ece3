package shopify

import (
	"regexp"
	"slices"
	"strings"
)

// marketing is what advertisements, mails and the shop's search put behind the addresses of pages, beside utm_….
var marketing = []string{
	"_fid", "_ga", "_gl", "_kx", "_pos", "_psq", "_sid", "_ss", "_v", "dclid", "epik", "fbclid", "gad_campaignid", "gad_source", "gbraid",
	"gclid", "gclsrc", "igshid", "li_fat_id", "mc_cid", "mc_eid", "msclkid", "ref", "srsltid", "ttclid", "twclid", "wbraid", "yclid",
}

// campaign is the name of a campaign's parameter: no digits, so that it sorts alike by name and by pair.
var campaign = regexp.MustCompile(`^utm_[a-z]+(_[a-z]+)*$`)

const campaignMark = "utm_"

func isAsked(name string) bool { return slices.Contains(asked, name) }

// isMarketing holds what Proxied says about names: of all that are accepted none ends another. A campaign's may therefore
// have neither one of the others nor another campaign's at its end.
func isMarketing(name string) bool {
	if slices.Contains(marketing, name) {
		return true
	}
	if len(name) > 40 || !campaign.MatchString(name) || strings.Contains(name[1:], campaignMark) {
		return false
	}
	return !slices.ContainsFunc(slices.Concat(added, asked, marketing), func(other string) bool { return strings.HasSuffix(name, other) })
}
