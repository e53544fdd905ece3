package shopify

import (
	graphql "github.com/graph-gophers/graphql-go"
)

type definitionInput struct {
	Name        string
	Namespace   graphql.NullString
	Key         string
	OwnerType   enum
	Type        string
	Description graphql.NullString
	Access      *accessInput
}

type undefineArgs struct {
	ID                            *graphql.ID
	Identifier                    *definitionIdentifier
	DeleteAllAssociatedMetafields bool
}

type definitionIdentifier struct {
	OwnerType enum
	Namespace graphql.NullString
	Key       string
}

type definitionUpdateInput struct {
	Name      graphql.NullString
	Namespace graphql.NullString
	Key       string
	OwnerType enum
	Access    *accessInput
}
