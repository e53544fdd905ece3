package orders_test

import "pointbridge/domain/coupons/couponstest"

// world is one shop in memory.
type world = couponstest.World
