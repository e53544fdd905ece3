package store

import (
	"errors"
	"net"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Plaintext names the hosts, beyond this machine, to which the address would also connect without TLS. With pgx's
// default, sslmode=prefer, these are all: whoever stands in between has only to refuse TLS. Errors: one that the
// address cannot be read.
func Plaintext(url string) ([]string, error) {
	if strings.HasPrefix(url, "sqlite:") {
		return nil, nil
	}
	conn, err := pgx.ParseConfig(url)
	if err != nil {
		// The cause quotes the address.
		return nil, errors.New("the address cannot be read; in a password @ is written %40, : %3A, / %2F, # %23 and % %25")
	}
	var hosts []string
	add := func(host string, secured bool) {
		if !secured && !nearby(host) && !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	add(conn.Host, conn.TLSConfig != nil)
	for _, other := range conn.Fallbacks {
		add(other.Host, other.TLSConfig != nil)
	}
	return hosts, nil
}

// AnyServer reports whether an address names several servers and takes whichever answers: after a promotion that can be the old
// primary, whose writes are lost. An address that cannot be read is none.
func AnyServer(url string) bool {
	if strings.HasPrefix(url, "sqlite:") {
		return false
	}
	conn, err := pgx.ParseConfig(url)
	if err != nil || conn.ValidateConnect != nil {
		return false
	}
	return slices.ContainsFunc(conn.Fallbacks, func(other *pgconn.FallbackConfig) bool {
		return other.Host != conn.Host || other.Port != conn.Port
	})
}

// nearby reports whether a host is this machine: a socket, or a loopback address.
func nearby(host string) bool {
	ip := net.ParseIP(host)
	return strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") || host == "localhost" ||
		(ip != nil && ip.IsLoopback())
}
