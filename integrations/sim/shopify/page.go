package shopify

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"

	graphql "github.com/graph-gophers/graphql-go"
)

// mostPerPage is the vendor's limit for one page.
const mostPerPage = 250

type pageInfo struct {
	HasNextPage     bool
	HasPreviousPage bool
	StartCursor     *string
	EndCursor       *string
}

// connection is one page of a list.
type connection[T any] struct {
	Nodes    []T
	PageInfo pageInfo
}

// pageArgs are the paging arguments of every list.
type pageArgs struct {
	First graphql.NullInt
	After graphql.NullString
}

// ordered is a list of ids in the order of an answer; key is the value it is sorted by, nil for the id itself.
type ordered struct {
	ids []int64
	key func(int64) int64
	// text sorts before the id where it is set.
	text    func(int64) string
	reverse bool
}

// place is where a record stands in a list.
type place struct {
	value int64
	text  string
	id    int64
}

func (o ordered) place(id int64) place {
	at := place{value: o.value(id), id: id}
	if o.text != nil {
		at.text = o.text(id)
	}
	return at
}

func (o ordered) value(id int64) int64 {
	if o.key == nil {
		return id
	}
	return o.key(id)
}

func (o ordered) sort() {
	slices.SortFunc(o.ids, func(a, b int64) int { return o.compare(o.place(a), o.place(b)) })
}

func (o ordered) compare(a, b place) int {
	order := cmp.Or(cmp.Compare(a.value, b.value), cmp.Compare(a.text, b.text), cmp.Compare(a.id, b.id))
	if o.reverse {
		return -order
	}
	return order
}

// paged cuts a page out of a sorted list.
func paged[T any](list ordered, args pageArgs, node func(int64) T) (*connection[T], error) {
	if args.First.Value == nil {
		return nil, badRequest("you must provide one of first or last")
	}
	first := int(*args.First.Value)
	if first < 0 || first > mostPerPage {
		return nil, badRequest(fmt.Sprintf("first must be between 0 and %d", mostPerPage))
	}
	start, err := list.after(args.After)
	if err != nil {
		return nil, err
	}
	end := min(start+first, len(list.ids))
	page := connection[T]{Nodes: make([]T, 0, end-start)}
	page.PageInfo.HasNextPage, page.PageInfo.HasPreviousPage = end < len(list.ids), start > 0
	for _, id := range list.ids[start:end] {
		page.Nodes = append(page.Nodes, node(id))
	}
	if end > start {
		page.PageInfo.StartCursor, page.PageInfo.EndCursor = list.cursor(list.ids[start]), list.cursor(list.ids[end-1])
	}
	return &page, nil
}

type cursorContent struct {
	LastID    int64  `json:"last_id"`
	LastValue int64  `json:"last_value,string"`
	LastText  string `json:"last_text,omitempty"`
}

func (o ordered) cursor(id int64) *string {
	raw, _ := json.Marshal(cursorContent{LastID: id, LastValue: o.value(id), LastText: o.place(id).text})
	text := base64.StdEncoding.EncodeToString(raw)
	return &text
}

// after is the index of the first record behind the cursor, by its sort value: the record itself may have moved.
func (o ordered) after(cursor graphql.NullString) (int, error) {
	if cursor.Value == nil {
		return 0, nil
	}
	raw, err := base64.StdEncoding.DecodeString(*cursor.Value)
	var last cursorContent
	if err != nil || json.Unmarshal(raw, &last) != nil {
		return 0, badRequest("Invalid cursor for current pagination sort.")
	}
	start := slices.IndexFunc(o.ids, func(id int64) bool {
		return o.compare(o.place(id), place{last.LastValue, last.LastText, last.LastID}) > 0
	})
	if start < 0 {
		return len(o.ids), nil
	}
	return start, nil
}
