package web

// reviewRoutes are cases and their decisions.
func (w *Web) reviewRoutes() []route { return nil }
