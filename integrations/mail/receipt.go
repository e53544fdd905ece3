package mail

import (
	"errors"
	"regexp"

	gomail "github.com/wneessen/go-mail"

	"pointbridge/domain/notices"
)

// accepted is the code with which a mail server takes a mail.
const accepted = 250

// queueIDs is how mail servers say by what they know a mail that they took: Postfix, Exim, Sendmail. The rest of what
// they say is dropped: it often repeats the address.
var queueIDs = []*regexp.Regexp{
	regexp.MustCompile(`(?i)\bqueued as ([A-Za-z0-9.-]{4,64})`),
	regexp.MustCompile(`(?i)\bid=([A-Za-z0-9.-]{4,64})`),
	regexp.MustCompile(`(?i)\b([A-Za-z0-9.-]{4,64}) message accepted`),
}

// receiptOf reads what a server said that took a mail.
func receiptOf(answer string) notices.Receipt {
	r := notices.Receipt{Reply: accepted}
	for _, pattern := range queueIDs {
		if m := pattern.FindStringSubmatch(answer); m != nil {
			r.QueueID = m[1]
			break
		}
	}
	return r
}

// receiptOfRefusal has the code with which a server did not take a mail.
func receiptOfRefusal(err error) notices.Receipt {
	var sent *gomail.SendError
	if errors.As(err, &sent) {
		return notices.Receipt{Reply: sent.ErrorCode()}
	}
	return notices.Receipt{}
}
