package jobs

import (
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/test/expect"
)

func TestMails(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		c := newClient(t, db, nil, nil)
		put(t, db, c, domain.Job{Kind: domain.JobMail, CouponID: 1, Mail: domain.MailIssued},
			domain.Job{Kind: domain.JobAdvance, CouponID: 1}, domain.Job{Kind: domain.JobMail, CouponID: 11,
				Mail: domain.MailIssued},
			domain.Job{Kind: domain.JobMail, CouponID: 1, Mail: domain.MailReminder, Step: 7,
				RunAt: time.Now().Add(time.Hour)},
			domain.Job{Kind: domain.JobMail, CouponID: 2, Mail: domain.MailCancelled})
		mustExec(t, db.DB, "UPDATE river_job SET state = 'completed', finalized_at = CURRENT_TIMESTAMP WHERE id = (SELECT min(id) FROM river_job)")
		mustExec(t, db.DB, "UPDATE river_job SET state = 'discarded', finalized_at = CURRENT_TIMESTAMP WHERE id = (SELECT max(id) FROM river_job)")
		for id, want := range map[int64][]domain.MailState{
			1: {{Mail: domain.MailIssued, State: domain.MailDone}, {Mail: domain.MailReminder, Step: 7,
				State: domain.MailWaiting}},
			2: {{Mail: domain.MailCancelled, State: domain.MailGivenUp}},
			3: nil,
		} {
			got, err := c.Mails(t.Context(), id)
			expect.MustEqual(t, "err", err, nil, id)
			expect.Equal(t, "got", got, want, id)
		}
	})
}
