package couponstest

import (
	"context"
	"slices"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
)

// ByKey implements coupons.Campaigns.
func (w *World) ByKey(_ context.Context, key string) (campaigns.Campaign, error) { return w.byKey(key) }

func (w *World) byKey(key string) (campaigns.Campaign, error) {
	w.revising.Lock()
	defer w.revising.Unlock()
	return named(w.Campaigns, func(c campaigns.Campaign) bool { return c.Key == key })
}

// OfVersion implements coupons.Campaigns.
func (w *World) OfVersion(_ context.Context, key string, version int) (campaigns.Campaign, error) {
	of, err := w.byKey(key)
	if err != nil || of.Policy.Version == version {
		return of, err
	}
	w.revising.Lock()
	defer w.revising.Unlock()
	was, err := named(w.past, func(c campaigns.Campaign) bool { return c.Key == key && c.Policy.Version == version })
	of.Policy, of.Offer = was.Policy, was.Offer
	return of, err
}

func named(list []campaigns.Campaign, is func(campaigns.Campaign) bool) (campaigns.Campaign, error) {
	if i := slices.IndexFunc(list, is); i >= 0 {
		return list[i], nil
	}
	return campaigns.Campaign{}, domain.Refuse(domain.CodeCampaignNotFound)
}

// Revise changes the n-th campaign as somebody does at their desk: its rules become a version of their own.
func (w *World) Revise(n int, change func(*campaigns.Campaign)) {
	w.revising.Lock()
	defer w.revising.Unlock()
	w.past = append(w.past, w.Campaigns[n])
	change(&w.Campaigns[n])
	w.Campaigns[n].Version++
	w.Campaigns[n].Policy.Version++
}

// Stop gives the n-th campaign another status.
func (w *World) Stop(n int, to campaigns.Status) {
	w.revising.Lock()
	defer w.revising.Unlock()
	w.Campaigns[n].Status = to
	w.Campaigns[n].Version++
}
