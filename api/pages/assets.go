package pages

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"

	"github.com/gin-gonic/gin"

	"pointbridge/templates"
)

// AssetsPath is what the addresses of assets begin with.
const AssetsPath = "/assets/"

// assets are the files that pages load, by the name under which they are served: it holds a part of their content's
// hash, so that a browser may keep them for ever.
type assets struct {
	files map[string]asset
	names map[string]string
}

type asset struct {
	kind    string
	content []byte
}

func loadAssets() (assets, error) {
	a := assets{files: map[string]asset{}, names: map[string]string{}}
	kinds := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
		".svg": "image/svg+xml"}
	list, err := fs.ReadDir(templates.Web, "web/assets")
	if err != nil {
		return a, err
	}
	for _, entry := range list {
		content, err := templates.Web.ReadFile("web/assets/" + entry.Name())
		if err != nil {
			return a, err
		}
		extension := path.Ext(entry.Name())
		if kinds[extension] == "" {
			return a, fmt.Errorf("%s is of no kind that pages load", entry.Name())
		}
		sum := sha256.Sum256(content)
		name := entry.Name()[:len(entry.Name())-len(extension)] + "-" + hex.EncodeToString(sum[:6]) + extension
		a.files[name], a.names[entry.Name()] = asset{kinds[extension], content}, name
	}
	return a, nil
}

func (a assets) address(name string) (string, error) {
	if a.names[name] == "" {
		return "", fmt.Errorf("there is no asset %q", name)
	}
	return AssetsPath + a.names[name], nil
}

// Asset serves the files that pages load, which are no secret and the same for everybody; missing answers for a name
// that none of them has.
func (b *Base) Asset(missing gin.HandlerFunc) gin.HandlerFunc {
	return func(c *gin.Context) {
		file, ok := b.assets.files[c.Param("name")]
		if !ok {
			missing(c)
			return
		}
		c.Header("Cache-Control", "public, max-age=31536000, immutable")
		c.Data(http.StatusOK, file.kind, file.content)
	}
}
