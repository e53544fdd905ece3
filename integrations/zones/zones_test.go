package zones

import (
	"errors"
	"testing"
	"testing/fstest"
	"time"

	"pointbridge/domain"
	"pointbridge/test/expect"
)

func TestTheNewestDataIsTaken(t *testing.T) {
	t.Parallel()
	newest, carried := Newest(), BuiltIn()
	if newest.Version < carried.Version {
		t.Errorf("%s data of %s is taken before the built-in data of %s", newest.Origin, newest.Version,
			carried.Version)
	}
	if _, err := newest.Load("Asia/Tokyo"); err != nil {
		t.Errorf("Asia/Tokyo: %v", err)
	}
}

// TestClocksThatWereAbolished holds what changed in the year of this release: British Columbia and Manitoba stay on
// summer time.
func TestClocksThatWereAbolished(t *testing.T) {
	t.Parallel()
	winter := time.Date(2026, 12, 24, 12, 0, 0, 0, time.UTC)
	for name, hours := range map[string]int{"America/Vancouver": -7, "America/Winnipeg": -5, "Asia/Tokyo": 9,
		"Europe/Berlin": 1} {
		zone, err := BuiltIn().Load(name)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, offset := winter.In(zone).Zone(); offset != hours*3600 {
			t.Errorf("%s is %d seconds from UTC at Christmas 2026, not %d hours", name, offset, hours)
		}
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		files   fstest.MapFS
		version string
	}{
		"Debian":        {fstest.MapFS{"tzdata.zi": {Data: []byte("# version 2026b\nR x\n")}}, "2026b"},
		"BSD and macOS": {fstest.MapFS{"+VERSION": {Data: []byte("2025c\n")}}, "2025c"},
		"no version":    {fstest.MapFS{"Asia/Tokyo": {Data: []byte("TZif")}}, ""},
		"another file":  {fstest.MapFS{"tzdata.zi": {Data: []byte("hello")}}, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, ok := In(c.files, "system")
			if ok != (c.version != "") || d.Version != c.version {
				t.Errorf("read %q, %v; want %q", d.Version, ok, c.version)
			}
		})
	}
}

func TestNamesThatAreNoZones(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "Local", "Asia/Nowhere", "../etc/passwd", "/etc/passwd", "Asia//Tokyo", "Asia/",
		"VERSION", "Asia"} {
		zone, err := Newest().Load(name)
		expect.That(t, "err to be ErrUnknown", errors.Is(err, ErrUnknown), name, zone, err)
	}
}

// TestEveryDayOfEveryZoneBegins looks at the days around each change of the clocks between 2020 and 2040, in every
// zone, and finds the first quarter of an hour of the date by trying all. On other days the clocks show midnight.
func TestEveryDayOfEveryZoneBegins(t *testing.T) {
	t.Parallel()
	names, err := BuiltIn().Names()
	if err != nil || len(names) < 500 {
		t.Fatalf("%d zones, %v", len(names), err)
	}
	for _, name := range names {
		zone, err := BuiltIn().Load(name)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		at, end := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2041, 1, 1, 0, 0, 0, 0, time.UTC)
		for ; at.Before(end) && !at.IsZero(); at = domain.NextClockChange(at, zone) {
			local := at.In(zone)
			for _, later := range []int{-1, 0, 1} {
				checkStart(t, name, time.Date(local.Year(), local.Month(), local.Day()+later, 0, 0, 0, 0, time.UTC),
					zone)
			}
		}
	}
}

func checkStart(t *testing.T, name string, date time.Time, zone *time.Location) {
	t.Helper()
	const slot = 15 * time.Minute
	got := domain.StartOfDay(date, zone)
	for at := date.Add(-30 * time.Hour).Truncate(slot); ; at = at.Add(slot) {
		y, m, d := at.In(zone).Date()
		if y == date.Year() && m == date.Month() && d == date.Day() {
			if !got.Equal(at) {
				t.Errorf("%s: %s begins at %s, not %s", name, date.Format(time.DateOnly), got.In(zone), at.In(zone))
			}
			return
		}
		if at.After(date.Add(30 * time.Hour)) {
			t.Errorf("%s has no %s", name, date.Format(time.DateOnly))
			return
		}
	}
}
