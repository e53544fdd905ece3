package world

const (
	GoodSecret = "kJ8vQ2mZx7Lr4TnB9wYc3HsD6fGpA1eU"
	GoodToken  = "pos-Token-9f8e7d6c5b4a"
)

func GoodEnvironment() map[string]string {
	return map[string]string{
		"DATABASE_URL": "postgres://u@db/pointbridge?sslmode=verify-full", "PUBLIC_URL": "https://points.example.com",
		"SECRET_KEY": GoodSecret, "SHOP_NAME": "Shop", "SHOPIFY_SHOP": "shop.myshopify.com",
		"SHOPIFY_API_VERSION": "2026-10", "SHOPIFY_ACCESS_TOKEN": "shp-9f8e7d",
		"POS_URL": "https://till.example.com", "POS_TOKEN": GoodToken, "SMTP_HOST": "mail.example.com",
		"MAIL_FROM": "shop@example.com",
	}
}

func EnvironOf(m map[string]string) (list []string) {
	for name, value := range m {
		list = append(list, name+"="+value)
	}
	return list
}
