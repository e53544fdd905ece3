// Package sales adds up what orders with codes came to: sales by discount, as Shopify calls it.
package sales
