package app

import (
	"net/url"
	"slices"
	"strings"

	"pointbridge/api/console"
	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/integrations/oidc"
)

// checkOIDC finds what is wrong with the settings of the identity provider: none are needed without one.
func (c Config) checkOIDC(f *faults) {
	if c.OIDCIssuer == "" {
		for name, value := range map[string]string{"OIDC_CLIENT_ID": c.OIDCClientID,
			"OIDC_CLIENT_SECRET": string(c.OIDCClientSecret), "OIDC_ROLES": strings.Join(c.OIDCRoles, ",")} {
			if value != "" {
				f.add("%s is set, but OIDC_ISSUER is not", name)
			}
		}
		if c.OIDCOnly {
			f.add("OIDC_ONLY is true, but OIDC_ISSUER is not set: nobody could sign in")
		}
		return
	}
	checkURL(f, "OIDC_ISSUER", c.OIDCIssuer)
	if u, err := url.Parse(c.OIDCIssuer); err == nil && (u.RawQuery != "" || u.Fragment != "") {
		f.add("OIDC_ISSUER must have no query and no fragment")
	}
	f.require("OIDC_CLIENT_ID", c.OIDCClientID)
	f.require("OIDC_CLIENT_SECRET", string(c.OIDCClientSecret))
	f.require("OIDC_ROLE_CLAIM", c.OIDCRoleClaim)
	if !slices.Contains(c.OIDCScopes, "openid") {
		f.add("OIDC_SCOPES must contain openid")
	}
	if f.require("OIDC_ROLES", strings.Join(c.OIDCRoles, ",")) {
		c.checkRoles(f)
	}
}

func (c Config) checkRoles(f *faults) {
	rules := c.roleRules(f)
	admins := slices.ContainsFunc(rules, func(r staff.RoleRule) bool { return r.Role == domain.RoleSystemAdmin })
	if c.OIDCOnly && !admins {
		f.add("OIDC_ROLES gives nobody system_admin, and OIDC_ONLY leaves no other way in")
	}
}

// roleRules reads which value of the claim gives which role, in the order in which they count.
func (c Config) roleRules(f *faults) (rules []staff.RoleRule) {
	for _, text := range c.OIDCRoles {
		cut := strings.LastIndexByte(text, '=') // a value may hold one itself, as a directory's names do
		if cut < 1 || !c.Roles().OfStaff(domain.Role(text[cut+1:])) {
			f.add("OIDC_ROLES: %q is not value=role, with %s", text, RoleChoice(c.Roles().Staff()))
			continue
		}
		rule := staff.RoleRule{Value: strings.TrimSpace(text[:cut]), Role: domain.Role(text[cut+1:])}
		if slices.ContainsFunc(rules, func(r staff.RoleRule) bool { return r.Value == rule.Value }) {
			f.add("OIDC_ROLES: %q stands there twice", rule.Value)
		}
		rules = append(rules, rule)
	}
	return rules
}

// RoleChoice names roles to choose from: "a, b or c".
func RoleChoice(list []domain.Role) string {
	var b strings.Builder
	for i, role := range list {
		switch {
		case i > 0 && i == len(list)-1:
			b.WriteString(" or ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(string(role))
	}
	return b.String()
}

// Provider is by whom staff sign in beside passwords, or instead.
func (c Config) Provider() staff.Provider {
	if c.OIDCIssuer == "" {
		return staff.Provider{}
	}
	base := strings.TrimSuffix(c.PublicURL, "/")
	client := oidc.New(oidc.Config{
		Issuer:       c.OIDCIssuer,
		ClientID:     c.OIDCClientID,
		ClientSecret: string(c.OIDCClientSecret),
		Scopes:       c.OIDCScopes,
		RoleClaim:    c.OIDCRoleClaim,
		TrustEmail:   c.OIDCTrustEmail,
		ReturnURL:    base + console.ProviderReturn,
		LeftURL:      base + console.ProviderLeft,
		Now:          domain.SystemClock{}.Now,
		Transport:    HTTPClient().Transport,
	})
	return staff.Provider{By: client, Roles: c.roleRules(&faults{}), Only: c.OIDCOnly}
}
