package shopify

// personAct does what has to do with persons, fulfilment and protected data; known is false when it is something else.
func (s *Server) personAct(b actBody) (known bool, err error) {
	switch b.Act {
	case "fulfil":
		return true, s.Fulfil(b.Order)
	case "split_fulfilment":
		return true, s.Split(b.Order)
	case "hold_by_hand":
		return true, s.HoldByHand(b.Order, b.Note)
	case "release_by_hand":
		return true, s.ReleaseByHand(b.Order)
	case "withhold":
		return true, s.Withhold(b.How, b.Parts...)
	}
	return false, nil
}
