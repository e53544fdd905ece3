package mail

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"net/url"
	"regexp"
)

// DefaultColor is what buttons have where the merchant says nothing.
const DefaultColor = "#2f4cb3"

var colorPattern = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)

// leastContrast is WCAG's for letters of ordinary size.
const leastContrast = 4.5

// CheckColor refuses a colour on which white letters cannot be read.
func CheckColor(color string) error {
	if !colorPattern.MatchString(color) {
		return errors.New("must be # and six hex digits, such as " + DefaultColor)
	}
	if c := contrastWithWhite(color); c < leastContrast {
		return fmt.Errorf("is too light for white letters: their contrast is %.1f:1, at least %.1f:1 is needed",
			math.Floor(c*10)/10, leastContrast)
	}
	return nil
}

// contrastWithWhite is WCAG's contrast ratio.
func contrastWithWhite(color string) float64 {
	rgb, err := hex.DecodeString(color[1:])
	if err != nil {
		return 0
	}
	luminance := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		v := float64(rgb[i]) / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		luminance += weight * v
	}
	return 1.05 / (luminance + 0.05)
}

// CheckLogo refuses an address that mail programs would not load a picture from. None is fine.
func CheckLogo(address string) error {
	if address == "" {
		return nil
	}
	if u, err := url.Parse(address); err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return errors.New("must be an https address")
	}
	return nil
}

// CheckTemplates reads a folder of the merchant's own templates; the error joins every fault there is.
func CheckTemplates(dir string) error {
	if dir == "" {
		return nil
	}
	_, err := readTexts(dir)
	return err
}
