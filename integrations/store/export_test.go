package store

// SetListBounds makes lists be read in the ways that are meant for many coupons.
func (s *Store) SetListBounds(narrow, scan int) { s.bounds = listBounds{narrow, scan} }
