package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/riverqueue/river/rivertype"

	"pointbridge/domain"
)

// mailsShown bounds how many mails of one coupon are told of.
const mailsShown = 20

// Mails implements web.Mails: the mails of a coupon that the queue still knows of, oldest first. Those that are done
// are forgotten after a while.
func (c *Client) Mails(ctx context.Context, couponID int64) ([]domain.MailState, error) {
	// SQLite keeps the arguments in a binary form of its own, which json() turns into text.
	text, mine, arg := `json(args)`, `json_extract(args, '$.coupon_id') = ?`, any(couponID)
	if c.dialect == Postgres {
		text, mine, arg = `args::text`, mailsCoupon+` = $1`, strconv.FormatInt(couponID, 10)
	}
	rows, err := c.db.QueryContext(ctx, `SELECT `+text+`, CAST(state AS text) FROM river_job
		WHERE kind = 'mail' AND `+mine+` ORDER BY id LIMIT `+strconv.Itoa(mailsShown), arg)
	if err != nil {
		return nil, fmt.Errorf("jobs: mails: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var list []domain.MailState
	for rows.Next() {
		var text, state string
		var args mailArgs
		if err := rows.Scan(&text, &state); err != nil {
			return nil, fmt.Errorf("jobs: mails: %w", err)
		}
		if err := json.Unmarshal([]byte(text), &args); err != nil {
			return nil, fmt.Errorf("jobs: mails: %w", err)
		}
		list = append(list, domain.MailState{Mail: args.Mail, Step: args.Step,
			State: mailState(rivertype.JobState(state)), Again: args.Again})
	}
	return list, rows.Err()
}

func mailState(state rivertype.JobState) domain.MailProgress {
	switch state {
	case rivertype.JobStateCompleted:
		return domain.MailDone
	case rivertype.JobStateCancelled, rivertype.JobStateDiscarded:
		return domain.MailGivenUp
	default:
		return domain.MailWaiting
	}
}
