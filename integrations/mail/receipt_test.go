package mail

import "testing"

func TestWhatMailServersSayOfAMailThatTheyTook(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		"2.0.0 Ok: queued as 4cXyZ1kLmNz9abc":                "4cXyZ1kLmNz9abc",
		"250 OK id=1tFQsK-0003Xy-2B":                         "1tFQsK-0003Xy-2B",
		"2.0.0 4AT3Bwqe012345 Message accepted for delivery": "4AT3Bwqe012345",
		"OK":                         "",
		"":                           "",
		"taken for taro@example.com": "",
		"queued as <script>":         "",
	} {
		if got := receiptOf(answer); got.QueueID != want || got.Reply != accepted {
			t.Errorf("%q is %+v, want %q", answer, got, want)
		}
	}
}
