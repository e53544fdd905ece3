package codes

import (
	"context"
	"errors"
	"slices"

	"pointbridge/domain"
)

// random is how many letters of an unbound code are drawn: anybody may use one, so that it must not be found by trying.
// Of 31^10 texts a quarter of a million are good.
const random = 10

// plan draws codes, no more than are wanted.
func (r *run) plan(ctx context.Context) error {
	n := min(planAtOnce, r.b.Wanted-r.b.Made-r.b.Planned-r.b.Sent)
	list := make([]string, n)
	for i := range list {
		drawn, err := domain.DrawLetters(r.random(), random)
		if err != nil {
			return err
		}
		list[i] = Text(r.c.Prefix, drawn)
	}
	return r.commit(ctx, Change{Batch: r.b, Plan: list})
}

// Text puts a code together: the prefix, a hyphen where it does not end in one, and the rest.
func Text(prefix, rest string) string {
	if prefix == "" || prefix[len(prefix)-1] == '-' {
		return prefix + rest
	}
	return prefix + "-" + rest
}

// send gives the shop the next codes.
func (r *run) send(ctx context.Context) error {
	list, err := r.Shelf.NextPlanned(ctx, r.b.ID, chunkSize)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return domain.ErrConflict
	}
	chunk := Chunk{State: Sending, At: r.now(), Codes: list}
	if err := r.commit(ctx, Change{Batch: r.b, Chunk: &chunk}); err != nil {
		return err
	}
	r.chunks = append(r.chunks, chunk)
	var bulk string
	err = r.act(ctx, func(ctx context.Context) (err error) {
		bulk, err = r.Bulk.AddCodes(ctx, r.b.DiscountID, list)
		return err
	})
	at := len(r.chunks) - 1
	switch {
	case err == nil:
		r.chunks[at].State, r.chunks[at].BulkID = ChunkSent, bulk
		return r.commit(ctx, Change{Batch: r.b, Chunk: &r.chunks[at]})
	case domain.KindOf(err) == domain.KindUnknown:
		return r.settleChunk(ctx, at)
	case domain.KindOf(err) == domain.KindNotFound:
		return r.withoutDiscount(ctx, at)
	case domain.KindOf(err) == domain.KindRefused:
		return r.refusedChunk(ctx, at, domain.ReasonOf(err))
	default:
		return errors.Join(r.endChunk(ctx, at, fates(list, CodePlanned, "")), err)
	}
}

func fates(list []string, to State, why string) []Fate {
	all := make([]Fate, len(list))
	for i, code := range list {
		all[i] = Fate{code, CodeSent, to, why}
	}
	return all
}

// endChunk writes down what became of a chunk: codes without a fate are made.
func (r *run) endChunk(ctx context.Context, at int, came []Fate) error {
	chunk := r.chunks[at]
	chunk.State = ChunkDone
	if err := r.commit(ctx, Change{Batch: r.b, Chunk: &chunk, Fates: came}); err != nil {
		return err
	}
	r.chunks = slices.Delete(r.chunks, at, at+1)
	return nil
}

// withoutDiscount is about a discount that somebody deleted, and all its codes with it.
func (r *run) withoutDiscount(ctx context.Context, at int) error {
	list := r.chunks[at].Codes
	r.b.Shop = ShopGone
	return r.endChunk(ctx, at, fates(list, CodePlanned, ""))
}

// refusedChunk stops a batch whose codes the shop does not take at all.
func (r *run) refusedChunk(ctx context.Context, at int, why string) error {
	if err := r.endChunk(ctx, at, fates(r.chunks[at].Codes, CodeRefused, why)); err != nil {
		return err
	}
	return r.stop(ctx, why)
}

// poll asks how far the shop is with the oldest chunk.
func (r *run) poll(ctx context.Context) error {
	chunk := r.chunks[0]
	var state BulkState
	err := r.act(ctx, func(ctx context.Context) (err error) {
		state, err = r.Bulk.ReadBulk(ctx, chunk.BulkID)
		return err
	})
	switch {
	case err != nil && domain.KindOf(err) == domain.KindNotFound:
		return r.settleChunk(ctx, 0) // the shop has forgotten how it went
	case err != nil:
		return err
	case !state.Done:
		return r.wait(ctx, r.timing.Poll)
	case state.Failed != len(state.Failures) || state.Imported+state.Failed != len(chunk.Codes):
		return r.settleChunk(ctx, 0)
	}
	refused, err := r.failed(ctx, state.Failures)
	if err != nil {
		return err
	}
	return r.endChunk(ctx, 0, refused)
}

// failed says what becomes of codes that the shop did not take. A text that is taken may be so by an earlier request of
// ours.
func (r *run) failed(ctx context.Context, failures []Failure) (came []Fate, err error) {
	for _, f := range failures {
		if f.Reason != domain.ReasonCodeTaken {
			came = append(came, Fate{f.Code, CodeSent, CodeRefused, f.Reason})
			continue
		}
		ours, err := r.oursAlready(ctx, f.Code)
		if err != nil {
			return nil, err
		}
		if !ours {
			came = append(came, Fate{f.Code, CodeSent, CodeRefused, TakenByOther})
		}
	}
	return came, nil
}

func (r *run) oursAlready(ctx context.Context, code string) (bool, error) {
	var found Found
	err := r.act(ctx, func(ctx context.Context) (err error) {
		found, err = r.Shop.FindCampaignDiscount(ctx, code)
		return err
	})
	if err != nil && domain.KindOf(err) == domain.KindNotFound {
		return false, nil
	}
	return err == nil && found.ID == r.b.DiscountID, err
}

// newestPages bounds how many of the newest codes are read to find those of a chunk: all that this batch can have under
// way, twice over.
const newestPages = 2 * (openChunks + 1)

// settleChunk finds out which codes of a chunk arrived, by the discount's newest ones. What is not there after the quiet
// time is planned again; should it arrive after all, the shop refuses the second one, and it is found to be ours.
func (r *run) settleChunk(ctx context.Context, at int) error {
	chunk := r.chunks[at]
	missing, err := r.missing(ctx, chunk.Codes)
	switch {
	case err != nil && domain.KindOf(err) == domain.KindNotFound:
		return r.withoutDiscount(ctx, at)
	case err != nil:
		return err
	}
	if wait := r.quiet(chunk.At); len(missing) > 0 && wait > 0 {
		return &domain.Later{After: wait}
	}
	return r.endChunk(ctx, at, fates(missing, CodePlanned, ""))
}

func (r *run) missing(ctx context.Context, want []string) ([]string, error) {
	left, after := slices.Clone(want), ""
	for range newestPages {
		var page []string
		err := r.act(ctx, func(ctx context.Context) (err error) {
			page, after, err = r.Bulk.NewestCodes(ctx, r.b.DiscountID, after)
			return err
		})
		if err != nil {
			return nil, err
		}
		there := make(map[string]bool, len(page))
		for _, code := range page {
			there[code] = true
		}
		left = slices.DeleteFunc(left, func(code string) bool { return there[code] })
		if len(left) == 0 || after == "" {
			break
		}
	}
	return left, nil
}
