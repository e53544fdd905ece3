package repository

import (
	"os"
	"slices"
	"testing"

	"github.com/pelletier/go-toml/v2"

	"pointbridge/demo"
	"pointbridge/domain/webhooks"
	"pointbridge/integrations/shopify"
)

// TestTheAppsFileSaysWhatTheCodeDoes holds shopify.app.toml against the topics that the code subscribes to and answers.
func TestTheAppsFileSaysWhatTheCodeDoes(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("shopify.app.toml")
	if err != nil {
		t.Fatal(err)
	}
	var app struct {
		Webhooks struct {
			APIVersion    string `toml:"api_version"`
			Subscriptions []struct {
				Topics           []webhooks.Topic `toml:"topics"`
				ComplianceTopics []webhooks.Topic `toml:"compliance_topics"`
				URI              string           `toml:"uri"`
				IncludeFields    []string         `toml:"include_fields"`
			} `toml:"subscriptions"`
		} `toml:"webhooks"`
		Proxy struct {
			URL string `toml:"url"`
		} `toml:"app_proxy"`
	}
	if err := toml.Unmarshal(raw, &app); err != nil {
		t.Fatal(err)
	}
	fields, compliance := map[webhooks.Topic][]string{}, []webhooks.Topic{}
	for _, s := range app.Webhooks.Subscriptions {
		if s.URI != shopify.WebhookPath {
			t.Errorf("%v go to %s", s.Topics, s.URI)
		}
		for _, topic := range s.Topics {
			fields[topic] = s.IncludeFields
		}
		compliance = append(compliance, s.ComplianceTopics...)
	}
	for _, s := range webhooks.Subscriptions() {
		got, named := fields[s.Topic]
		if !named || !slices.Equal(got, s.Fields) {
			t.Errorf("%s: the file has %v (%v), the code %v", s.Topic, got, named, s.Fields)
		}
	}
	if len(fields) != len(webhooks.Subscriptions()) || !slices.Equal(compliance, webhooks.ComplianceTopics()) {
		t.Errorf("the file has %d topics and %v", len(fields), compliance)
	}
	if app.Webhooks.APIVersion != demo.DemoAPIVersion || app.Proxy.URL == "" {
		t.Errorf("version %s, proxy %s", app.Webhooks.APIVersion, app.Proxy.URL)
	}
}
