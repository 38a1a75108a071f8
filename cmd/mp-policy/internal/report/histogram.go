// SPDX-License-Identifier: MIT

package report

import "math"

// Buckets of a histogram: eight for each doubling, so that a quantile is at most 9 % above
// the real value. They go up to 2^27 us: two minutes, longer than any deadline.
const (
	perDoubling = 8
	buckets     = 27*perDoubling + 1
)

// Histogram counts microseconds in a fixed space.
type Histogram struct {
	counts [buckets]int
	count  int
	most   int64
}

// Add counts one value, of 0 or more.
func (h *Histogram) Add(us int64) {
	at := 0
	if us > 1 {
		at = min(int(math.Ceil(math.Log2(float64(us))*perDoubling)), buckets-1)
	}
	h.counts[at]++
	h.count++
	h.most = max(h.most, us)
}

// Quantile returns a value so that the part q of all values is not above it.
func (h *Histogram) Quantile(q float64) int64 {
	left := int(math.Ceil(q * float64(h.count)))
	for at, n := range h.counts {
		if left -= n; left <= 0 {
			return min(h.most, int64(math.Pow(2, float64(at)/perDoubling)))
		}
	}
	return h.most
}

// Quantiles is the part of a histogram that a report shows, in microseconds.
type Quantiles struct {
	Count int   `json:"count"`
	P50   int64 `json:"p50_us"`
	P90   int64 `json:"p90_us"`
	P99   int64 `json:"p99_us"`
	Max   int64 `json:"max_us"`
	// Doublings counts the values up to 1, 2, 4, ... microseconds, for a plot.
	Doublings []int `json:"doublings"`
}

// Quantiles sums the histogram up.
func (h *Histogram) Quantiles() Quantiles {
	q := Quantiles{Count: h.count, Max: h.most, Doublings: []int{}}
	if h.count == 0 {
		return q
	}
	q.P50, q.P90, q.P99 = h.Quantile(0.5), h.Quantile(0.9), h.Quantile(0.99)
	for at, n := range h.counts {
		if n == 0 {
			continue
		}
		for len(q.Doublings) <= (at+perDoubling-1)/perDoubling {
			q.Doublings = append(q.Doublings, 0)
		}
		q.Doublings[(at+perDoubling-1)/perDoubling] += n
	}
	return q
}
