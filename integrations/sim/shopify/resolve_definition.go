package shopify

import (
	graphql "github.com/graph-gophers/graphql-go"
)

type definitionNode struct {
	ID        graphql.ID
	Name      string
	Namespace string
	Key       string
	OwnerType string
	Type      definitionType
	Access    accessNode
}

type definitionType struct {
	Name     string
	Category string
}

type accessNode struct {
	Admin           *string
	CustomerAccount string
	Storefront      *string
}

// newDefinitionNode is nil for nil.
func newDefinitionNode(d *Definition) *definitionNode {
	if d == nil {
		return nil
	}
	category := "TEXT"
	if d.Type == "json" {
		category = "CUSTOM"
	}
	return &definitionNode{
		ID: graphql.ID(gid("MetafieldDefinition", d.ID)), Name: d.Name, Namespace: d.Namespace, Key: d.Key,
		OwnerType: d.OwnerType, Type: definitionType{Name: d.Type, Category: category},
		Access: accessNode{Admin: &d.AdminAccess, CustomerAccount: d.CustomerAccount, Storefront: &d.Storefront},
	}
}

type subscriptionNode struct {
	ID            graphql.ID
	Topic         string
	URI           string
	Filter        *string
	IncludeFields []string
	Name          *string
}

// newSubscriptionNode is nil for nil.
func newSubscriptionNode(sub *Subscription) *subscriptionNode {
	if sub == nil {
		return nil
	}
	node := subscriptionNode{
		ID: graphql.ID(gid("WebhookSubscription", sub.ID)), Topic: sub.Topic, URI: sub.URI,
		Filter: &sub.Filter, IncludeFields: sub.IncludeFields,
	}
	if sub.Name != "" {
		node.Name = &sub.Name
	}
	if node.IncludeFields == nil {
		node.IncludeFields = []string{}
	}
	return &node
}
