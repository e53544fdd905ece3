package identity

import (
	"net/netip"
	"strings"
)

// carrierNAT is the range that providers share among their customers (RFC 6598): it says nothing about a person.
var carrierNAT = netip.MustParsePrefix("100.64.0.0/10")

// reserved of version 4: this network, and what was never given out.
var reserved = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("240.0.0.0/4")}

// ip gives the network of an address that a household has: the /24 of version 4, the /64 of version 6. Addresses that
// are not seen on the internet are no signal.
func ip(text string) string {
	addr, err := netip.ParseAddr(strings.TrimSpace(text))
	if err != nil {
		return ""
	}
	addr = addr.Unmap().WithZone("")
	if !addr.IsGlobalUnicast() || addr.IsPrivate() || carrierNAT.Contains(addr) ||
		reserved[0].Contains(addr) || reserved[1].Contains(addr) {
		return ""
	}
	bits := 64
	if addr.Is4() {
		bits = 24
	}
	return netip.PrefixFrom(addr, bits).Masked().String()
}
