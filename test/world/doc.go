// Package world is what tests of the whole are made with. There are two harnesses, both on a database and a simulated POS,
// shop and mailbox (Outside): World, in which the service runs in this process, and Processes, in which real processes of
// the program run and can be killed, stopped and put behind a proxy. Whatever else starts nothing: it adds members, coupons
// and campaigns to a harness (Endings, CampaignCodes, Acts, Hooks), looks at pages (Visitor), or calls (Caller).
package world
