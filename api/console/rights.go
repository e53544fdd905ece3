package console

// Right is a page of the console and what somebody must be allowed to do there; both are empty for pages that are open.
type Right struct{ Method, Path, Object, Action string }

// Rights lists every page with its right.
func Rights() []Right {
	var list []Right
	for _, r := range (&Console{}).routes() {
		list = append(list, Right{r.Method, r.Path, r.May.Object, r.May.Action})
	}
	return list
}
