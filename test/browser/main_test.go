package browser

import (
	"testing"

	"pointbridge/test/world"
)

func TestMain(m *testing.M) { world.Main(m, endBrowsers) }
