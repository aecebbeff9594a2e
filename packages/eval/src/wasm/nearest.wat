;; The bank rows that come first by similarity to each query. Rows are given twice: as 16-bit fixed point, which finds
;; `length` candidates a query at twice the speed of float32, and as float32, by which these are then weighed. Threads that
;; share the memory take blocks of queries in turns. All in one module, and so in one file: calls between modules would
;; cost more than what they call.
;;
;; Screening: where headBytes is not 0, each row x̂ in fixed point has a head h = P x̂, some dimensions by rows of P whose
;; singular values are at most 1. Then I − PᵀP is positive semidefinite, and by Cauchy and Schwarz
;;   q̂·b̂ ≤ h(q)·h(b) + t(q) t(b),  t(x)² = x̂·x̂ − h(x)·h(x).
;; What that leaves below a query's list needs no more than the product of the heads.
(module
  (import "env" "memory" MEMORY)
  (import "env" "bytes" (global $bytes i32))           ;; of a row in fixed point; a multiple of 32, half of float32's
  (import "env" "headBytes" (global $headBytes i32))   ;; of a head; a multiple of 32, or 0
  (import "env" "directions" (global $directions i32)) ;; P in fixed point, a row for each dimension of a head
  (import "env" "slack" (global $slack f32))           ;; how far rounding takes the bound from what heads give
  (import "env" "length" (global $length i32))         ;; of a list
  (import "env" "k" (global $k i32))                   ;; how many of a list are asked for
  (import "env" "margin" (global $margin i32))         ;; how far fixed point can take two similarities from one another

  (global $largeRows i32 (i32.const 256)) ;; queries of a large block, which reads the bank less often
  (global $smallRows i32 (i32.const 64))  ;; of those at the end, which leave no thread waiting long
  (global $blockRows (mut i32) (i32.const 64)) ;; of the block at hand
  (global $chunkRows i32 (i32.const 128))
  (global $stripRows i32 (i32.const 16)) ;; of a block, that stay in the first cache while a chunk passes
  (global $scale f64 (f64.const 32767))
  (global $nothing i32 (i32.const -0x70000000)) ;; below every similarity, and by more than the margin above the least i32

  ;; into[i, j] = Σ_p a[i, p] · b[j, p] over int16 rows of `bytes` bytes, in tiles of four rows of a by two of b. aRows is a
  ;; multiple of four, bRows of two; a row of into has intoBytes.
  (func $products
    (param $a i32) (param $aRows i32) (param $b i32) (param $bRows i32) (param $bytes i32)
    (param $into i32) (param $intoBytes i32)
    (local $aEnd i32) (local $bEnd i32) (local $end i32) (local $tile i32)
    (local $a0 i32) (local $a1 i32) (local $a2 i32) (local $a3 i32) (local $b0 i32) (local $b1 i32)
    (local $left v128) (local $right v128) (local $row v128)
    (local $left0 v128) (local $left1 v128) (local $left2 v128) (local $left3 v128)
    (local $right0 v128) (local $right1 v128) (local $right2 v128) (local $right3 v128)
    (local.set $aEnd (i32.add (local.get $a) (i32.mul (local.get $aRows) (local.get $bytes))))
    (local.set $bEnd (i32.add (local.get $b) (i32.mul (local.get $bRows) (local.get $bytes))))
    (loop $pairsOfB
      (local.set $a0 (local.get $a))
      (local.set $tile (local.get $into))
      (loop $foursOfA
        (local.set $a1 (i32.add (local.get $a0) (local.get $bytes)))
        (local.set $a2 (i32.add (local.get $a1) (local.get $bytes)))
        (local.set $a3 (i32.add (local.get $a2) (local.get $bytes)))
        (local.set $b0 (local.get $b))
        (local.set $b1 (i32.add (local.get $b0) (local.get $bytes)))
        (local.set $end (local.get $a1))
        (local.set $left0 (v128.const i32x4 0 0 0 0)) (local.set $right0 (v128.const i32x4 0 0 0 0))
        (local.set $left1 (v128.const i32x4 0 0 0 0)) (local.set $right1 (v128.const i32x4 0 0 0 0))
        (local.set $left2 (v128.const i32x4 0 0 0 0)) (local.set $right2 (v128.const i32x4 0 0 0 0))
        (local.set $left3 (v128.const i32x4 0 0 0 0)) (local.set $right3 (v128.const i32x4 0 0 0 0))
        (loop $dimensions
          (local.set $left (v128.load (local.get $b0)))
          (local.set $right (v128.load (local.get $b1)))
          (local.set $row (v128.load (local.get $a0)))
          (local.set $left0 (i32x4.add (local.get $left0) (i32x4.dot_i16x8_s (local.get $row) (local.get $left))))
          (local.set $right0 (i32x4.add (local.get $right0) (i32x4.dot_i16x8_s (local.get $row) (local.get $right))))
          (local.set $row (v128.load (local.get $a1)))
          (local.set $left1 (i32x4.add (local.get $left1) (i32x4.dot_i16x8_s (local.get $row) (local.get $left))))
          (local.set $right1 (i32x4.add (local.get $right1) (i32x4.dot_i16x8_s (local.get $row) (local.get $right))))
          (local.set $row (v128.load (local.get $a2)))
          (local.set $left2 (i32x4.add (local.get $left2) (i32x4.dot_i16x8_s (local.get $row) (local.get $left))))
          (local.set $right2 (i32x4.add (local.get $right2) (i32x4.dot_i16x8_s (local.get $row) (local.get $right))))
          (local.set $row (v128.load (local.get $a3)))
          (local.set $left3 (i32x4.add (local.get $left3) (i32x4.dot_i16x8_s (local.get $row) (local.get $left))))
          (local.set $right3 (i32x4.add (local.get $right3) (i32x4.dot_i16x8_s (local.get $row) (local.get $right))))
          (local.set $a1 (i32.add (local.get $a1) (i32.const 16)))
          (local.set $a2 (i32.add (local.get $a2) (i32.const 16)))
          (local.set $a3 (i32.add (local.get $a3) (i32.const 16)))
          (local.set $b0 (i32.add (local.get $b0) (i32.const 16)))
          (local.set $b1 (i32.add (local.get $b1) (i32.const 16)))
          (br_if $dimensions
            (i32.lt_u (local.tee $a0 (i32.add (local.get $a0) (i32.const 16))) (local.get $end))))
        (local.set $left0
          (i32x4.add
            (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $left0) (local.get $right0))
            (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $left0) (local.get $right0))))
        (local.set $left1
          (i32x4.add
            (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $left1) (local.get $right1))
            (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $left1) (local.get $right1))))
        (local.set $left2
          (i32x4.add
            (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $left2) (local.get $right2))
            (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $left2) (local.get $right2))))
        (local.set $left3
          (i32x4.add
            (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $left3) (local.get $right3))
            (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $left3) (local.get $right3))))
        (local.set $left0
          (i32x4.add
            (i8x16.shuffle 0 1 2 3 8 9 10 11 16 17 18 19 24 25 26 27 (local.get $left0) (local.get $left1))
            (i8x16.shuffle 4 5 6 7 12 13 14 15 20 21 22 23 28 29 30 31 (local.get $left0) (local.get $left1))))
        (v128.store64_lane 0 (local.get $tile) (local.get $left0))
        (local.set $tile (i32.add (local.get $tile) (local.get $intoBytes)))
        (v128.store64_lane 1 (local.get $tile) (local.get $left0))
        (local.set $tile (i32.add (local.get $tile) (local.get $intoBytes)))
        (local.set $left2
          (i32x4.add
            (i8x16.shuffle 0 1 2 3 8 9 10 11 16 17 18 19 24 25 26 27 (local.get $left2) (local.get $left3))
            (i8x16.shuffle 4 5 6 7 12 13 14 15 20 21 22 23 28 29 30 31 (local.get $left2) (local.get $left3))))
        (v128.store64_lane 0 (local.get $tile) (local.get $left2))
        (local.set $tile (i32.add (local.get $tile) (local.get $intoBytes)))
        (v128.store64_lane 1 (local.get $tile) (local.get $left2))
        (local.set $tile (i32.add (local.get $tile) (local.get $intoBytes)))
        (br_if $foursOfA (i32.lt_u (local.tee $a0 (local.get $a3)) (local.get $aEnd))))
      (local.set $into (i32.add (local.get $into) (i32.const 8)))
      (br_if $pairsOfB
        (i32.lt_u
          (local.tee $b (i32.add (local.get $b) (i32.shl (local.get $bytes) (i32.const 1))))
          (local.get $bEnd)))))

  ;; scratch[i, j], $chunkRows columns ← the products of a block of queries with `count` rows from `bank` on.
  (func $productsOfBlock (param $queries i32) (param $bank i32) (param $count i32) (param $bytes i32) (param $scratch i32)
    (local $strips i32)
    (local.set $strips (i32.div_u (global.get $blockRows) (global.get $stripRows)))
    (loop $next
      (call $products
        (local.get $queries) (global.get $stripRows)
        (local.get $bank) (i32.and (i32.add (local.get $count) (i32.const 1)) (i32.const -2))
        (local.get $bytes) (local.get $scratch) (i32.shl (global.get $chunkRows) (i32.const 2)))
      (local.set $queries (i32.add (local.get $queries) (i32.mul (global.get $stripRows) (local.get $bytes))))
      (local.set $scratch
        (i32.add
          (local.get $scratch)
          (i32.shl (i32.mul (global.get $stripRows) (global.get $chunkRows)) (i32.const 2))))
      (br_if $next (local.tee $strips (i32.sub (local.get $strips) (i32.const 1))))))

  ;; The dot product of two rows in fixed point.
  (func $dot (param $a i32) (param $b i32) (result i32)
    (local $end i32) (local $even v128) (local $odd v128)
    (local.set $end (i32.add (local.get $a) (global.get $bytes)))
    (loop $dimensions
      (local.set $even
        (i32x4.add (local.get $even) (i32x4.dot_i16x8_s (v128.load (local.get $a)) (v128.load (local.get $b)))))
      (local.set $odd
        (i32x4.add
          (local.get $odd)
          (i32x4.dot_i16x8_s (v128.load offset=16 (local.get $a)) (v128.load offset=16 (local.get $b)))))
      (local.set $b (i32.add (local.get $b) (i32.const 32)))
      (br_if $dimensions
        (i32.lt_u (local.tee $a (i32.add (local.get $a) (i32.const 32))) (local.get $end))))
    (local.set $even (i32x4.add (local.get $even) (local.get $odd)))
    (i32.add
      (i32.add (i32x4.extract_lane 0 (local.get $even)) (i32x4.extract_lane 1 (local.get $even)))
      (i32.add (i32x4.extract_lane 2 (local.get $even)) (i32x4.extract_lane 3 (local.get $even)))))

  ;; What a row must be above to matter to a list: its last, or the margin below the k-th.
  (func $threshold (param $list i32) (result i32)
    (local $last i32) (local $sure i32)
    (local.set $last
      (i32.load (i32.add (local.get $list) (i32.shl (i32.sub (global.get $length) (i32.const 1)) (i32.const 2)))))
    (local.set $sure
      (i32.sub
        (i32.load (i32.add (local.get $list) (i32.shl (i32.sub (global.get $k) (i32.const 1)) (i32.const 2))))
        (global.get $margin)))
    (select (local.get $last) (local.get $sure) (i32.gt_s (local.get $last) (local.get $sure))))

  ;; Puts a row into a list kept sorted, largest similarity first, earlier rows before later ones; the last falls out.
  (func $insert (param $list i32) (param $similarity i32) (param $row i32)
    (local $place i32) (local $rowsAt i32) (local $before i32)
    (local.set $rowsAt (i32.shl (global.get $length) (i32.const 2)))
    (local.set $place (i32.add (local.get $list) (i32.shl (i32.sub (global.get $length) (i32.const 1)) (i32.const 2))))
    (block $found
      (loop $shift
        (br_if $found (i32.le_u (local.get $place) (local.get $list)))
        (local.set $before (i32.sub (local.get $place) (i32.const 4)))
        (br_if $found (i32.ge_s (i32.load (local.get $before)) (local.get $similarity)))
        (i32.store (local.get $place) (i32.load (local.get $before)))
        (i32.store
          (i32.add (local.get $place) (local.get $rowsAt))
          (i32.load (i32.add (local.get $before) (local.get $rowsAt))))
        (local.set $place (local.get $before))
        (br $shift)))
    (i32.store (local.get $place) (local.get $similarity))
    (i32.store (i32.add (local.get $place) (local.get $rowsAt)) (local.get $row)))

  ;; Offers `count` similarities, those of the bank's rows from `row` on, to a list. Reads them four at a time.
  (func $offer (param $similarities i32) (param $count i32) (param $row i32) (param $list i32)
    (local $least i32) (local $at i32) (local $above i32) (local $place i32) (local $similarity i32)
    (local.set $least (call $threshold (local.get $list)))
    (loop $fours
      (local.set $above
        (i32x4.bitmask
          (i32x4.gt_s
            (v128.load (i32.add (local.get $similarities) (i32.shl (local.get $at) (i32.const 2))))
            (i32x4.splat (local.get $least)))))
      (block $none
        (loop $each
          (br_if $none (i32.eqz (local.get $above)))
          (local.set $place (i32.add (local.get $at) (i32.ctz (local.get $above))))
          (local.set $above (i32.and (local.get $above) (i32.sub (local.get $above) (i32.const 1))))
          (br_if $none (i32.ge_u (local.get $place) (local.get $count)))
          (local.set $similarity
            (i32.load (i32.add (local.get $similarities) (i32.shl (local.get $place) (i32.const 2)))))
          (if (i32.gt_s (local.get $similarity) (local.get $least))
            (then
              (call $insert (local.get $list) (local.get $similarity) (i32.add (local.get $row) (local.get $place)))
              (local.set $least (call $threshold (local.get $list)))))
          (br $each)))
      (br_if $fours
        (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (local.get $count)))))

  ;; The same, where the similarities are those of heads: rows that these cannot rule out are compared in whole.
  ;; `tails` are those of the rows from `row` on, which in fixed point are at `rows`; `open` is room for their places.
  (func $offerByHeads
    (param $similarities i32) (param $count i32) (param $row i32) (param $list i32)
    (param $tails i32) (param $tail f32) (param $query i32) (param $rows i32) (param $open i32)
    (local $least i32) (local $above i32) (local $at i32) (local $place i32) (local $similarity i32) (local $end i32)
    (local $queryTail v128) (local $bar v128)
    (local.set $queryTail (f32x4.splat (local.get $tail)))
    (local.set $least (call $threshold (local.get $list)))
    (local.set $bar (f32x4.splat (f32.sub (f32.convert_i32_s (local.get $least)) (global.get $slack))))
    (local.set $end (local.get $open))
    (loop $fours
      (local.set $above
        (i32x4.bitmask
          (f32x4.gt
            (f32x4.add
              (f32x4.convert_i32x4_s
                (v128.load (i32.add (local.get $similarities) (i32.shl (local.get $at) (i32.const 2)))))
              (f32x4.mul
                (local.get $queryTail)
                (v128.load (i32.add (local.get $tails) (i32.shl (local.get $at) (i32.const 2))))))
            (local.get $bar))))
      (block $none
        (loop $each
          (br_if $none (i32.eqz (local.get $above)))
          (i32.store (local.get $end) (i32.add (local.get $at) (i32.ctz (local.get $above))))
          (local.set $end (i32.add (local.get $end) (i32.const 4)))
          (local.set $above (i32.and (local.get $above) (i32.sub (local.get $above) (i32.const 1))))
          (br $each)))
      (br_if $fours
        (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (local.get $count))))
    ;; In a loop of their own, the processor fetches rows ahead.
    (block $done
      (loop $compare
        (br_if $done (i32.ge_u (local.get $open) (local.get $end)))
        (local.set $place (i32.load (local.get $open)))
        (br_if $done (i32.ge_u (local.get $place) (local.get $count))) ;; padding
        (local.set $open (i32.add (local.get $open) (i32.const 4)))
        (local.set $similarity
          (call $dot
            (local.get $query)
            (i32.add (local.get $rows) (i32.mul (local.get $place) (global.get $bytes)))))
        (br_if $compare (i32.le_s (local.get $similarity) (local.get $least)))
        (call $insert (local.get $list) (local.get $similarity) (i32.add (local.get $row) (local.get $place)))
        (local.set $least (call $threshold (local.get $list)))
        (br $compare))))

  ;; Replaces a list's similarities by those in float32, summed as dotProducts.wat sums them; those that do not matter by −∞.
  ;; Writes the least that matters after the list.
  (func $weigh (param $query i32) (param $bank i32) (param $list i32)
    (local $place i32) (local $at i32) (local $row i32) (local $sum v128) (local $rowBytes i32) (local $least i32)
    (local $similarity i32)
    (local.set $rowBytes (i32.shl (global.get $bytes) (i32.const 1)))
    (local.set $least (call $threshold (local.get $list)))
    (loop $candidates
      (local.set $similarity (i32.add (local.get $list) (i32.shl (local.get $place) (i32.const 2))))
      (if (i32.le_s (i32.load (local.get $similarity)) (local.get $least))
        (then (f32.store (local.get $similarity) (f32.const -inf)))
        (else
          (local.set $row
            (i32.add
              (local.get $bank)
              (i32.mul
                (local.get $rowBytes)
                (i32.load (i32.add (local.get $similarity) (i32.shl (global.get $length) (i32.const 2)))))))
          (local.set $sum (v128.const f32x4 0 0 0 0))
          (local.set $at (i32.const 0))
          (loop $dimensions
            (local.set $sum
              (f32x4.add
                (local.get $sum)
                (f32x4.mul
                  (v128.load (i32.add (local.get $query) (local.get $at)))
                  (v128.load (i32.add (local.get $row) (local.get $at))))))
            (br_if $dimensions
              (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $rowBytes))))
          (f32.store
            (local.get $similarity)
            (f32.add
              (f32.add (f32x4.extract_lane 0 (local.get $sum)) (f32x4.extract_lane 1 (local.get $sum)))
              (f32.add (f32x4.extract_lane 2 (local.get $sum)) (f32x4.extract_lane 3 (local.get $sum)))))))
      (br_if $candidates
        (i32.lt_u (local.tee $place (i32.add (local.get $place) (i32.const 1))) (global.get $length))))
    (i32.store (i32.add (local.get $list) (i32.shl (global.get $length) (i32.const 3))) (local.get $least)))

  ;; Scales the float32 rows from $first on to length 1, in place, and writes them in fixed point, too; both have padding of
  ;; zeros. At errors, how far each row is from its fixed point, in float32. The arithmetic is that of unitRows.
  (func $prepareRows
    (param $float i32) (param $fixed i32) (param $errors i32) (param $first i32) (param $end i32)
    (local $at i32) (local $row i32) (local $rowEnd i32) (local $value f64) (local $whole f64) (local $squares f64)
    (local $scale f64)
    (local.set $row
      (i32.add (local.get $float) (i32.mul (local.get $first) (i32.shl (global.get $bytes) (i32.const 1)))))
    (local.set $fixed (i32.add (local.get $fixed) (i32.mul (local.get $first) (global.get $bytes))))
    (loop $rows
      (local.set $rowEnd (i32.add (local.get $row) (i32.shl (global.get $bytes) (i32.const 1))))
      (local.set $squares (f64.const 0))
      (local.set $at (local.get $row))
      (loop $norm
        (local.set $value (f64.promote_f32 (f32.load (local.get $at))))
        (local.set $squares (f64.add (local.get $squares) (f64.mul (local.get $value) (local.get $value))))
        (br_if $norm
          (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (local.get $rowEnd))))
      (local.set $scale
        (select
          (f64.div (f64.const 1) (f64.sqrt (local.get $squares)))
          (f64.const 0)
          (f64.gt (local.get $squares) (f64.const 0))))
      (local.set $squares (f64.const 0))
      (local.set $at (local.get $row))
      (loop $write
        (f32.store
          (local.get $at)
          (f32.demote_f64 (f64.mul (f64.promote_f32 (f32.load (local.get $at))) (local.get $scale))))
        (local.set $value (f64.mul (f64.promote_f32 (f32.load (local.get $at))) (global.get $scale)))
        (local.set $whole (f64.nearest (local.get $value)))
        (i32.store16 (local.get $fixed) (i32.trunc_sat_f64_s (local.get $whole)))
        (local.set $value (f64.sub (local.get $value) (local.get $whole)))
        (local.set $squares (f64.add (local.get $squares) (f64.mul (local.get $value) (local.get $value))))
        (local.set $fixed (i32.add (local.get $fixed) (i32.const 2)))
        (br_if $write
          (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (local.get $rowEnd))))
      (f32.store
        (i32.add (local.get $errors) (i32.shl (local.get $first) (i32.const 2)))
        (f32.demote_f64 (f64.div (f64.sqrt (local.get $squares)) (global.get $scale))))
      (local.set $row (local.get $rowEnd))
      (br_if $rows
        (i32.lt_u (local.tee $first (i32.add (local.get $first) (i32.const 1))) (local.get $end)))))

  ;; Writes the heads of the rows from $first on, in fixed point, and their tails t(x), in its unit and never too small.
  (func $writeHeads
    (param $fixed i32) (param $heads i32) (param $tails i32) (param $first i32) (param $end i32) (param $scratch i32)
    (local $row i32) (local $head i32) (local $headEnd i32) (local $value f64) (local $squares f64)
    (local.set $row (i32.add (local.get $fixed) (i32.mul (local.get $first) (global.get $bytes))))
    (local.set $head (i32.add (local.get $heads) (i32.mul (local.get $first) (global.get $headBytes))))
    (call $products
      (local.get $row)
      (i32.and (i32.add (i32.sub (local.get $end) (local.get $first)) (i32.const 3)) (i32.const -4))
      (global.get $directions) (i32.shr_u (global.get $headBytes) (i32.const 1)) (global.get $bytes)
      (local.get $scratch) (i32.shl (global.get $headBytes) (i32.const 1)))
    (loop $rows
      (local.set $headEnd (i32.add (local.get $head) (global.get $headBytes)))
      (local.set $squares (f64.convert_i32_s (call $dot (local.get $row) (local.get $row))))
      (loop $write
        (local.set $value (f64.div (f64.convert_i32_s (i32.load (local.get $scratch))) (global.get $scale)))
        (local.set $squares (f64.sub (local.get $squares) (f64.mul (local.get $value) (local.get $value))))
        (i32.store16 (local.get $head) (i32.trunc_sat_f64_s (f64.nearest (local.get $value))))
        (local.set $scratch (i32.add (local.get $scratch) (i32.const 4)))
        (br_if $write
          (i32.lt_u (local.tee $head (i32.add (local.get $head) (i32.const 2))) (local.get $headEnd))))
      (f32.store
        (i32.add (local.get $tails) (i32.shl (local.get $first) (i32.const 2)))
        (f32.demote_f64
          (f64.add (f64.sqrt (f64.max (local.get $squares) (f64.const 0))) (f64.const 0.01)))) ;; more than rounding takes
      (local.set $row (i32.add (local.get $row) (global.get $bytes)))
      (br_if $rows
        (i32.lt_u (local.tee $first (i32.add (local.get $first) (i32.const 1))) (local.get $end)))))

  ;; Takes chunks of rows by the counter at `taken` until none is left, prepares them, and counts them at `done`. Rows are
  ;; padded to a multiple of four. scratch holds a head for each row of a chunk, 32 bits a dimension.
  (func (export "prepare")
    (param $float i32) (param $fixed i32) (param $errors i32) (param $heads i32) (param $tails i32) (param $count i32)
    (param $scratch i32) (param $taken i32) (param $done i32)
    (local $first i32) (local $end i32)
    (block $none
      (loop $next
        (local.set $first (i32.mul (i32.atomic.rmw.add (local.get $taken) (i32.const 1)) (global.get $chunkRows)))
        (br_if $none (i32.ge_u (local.get $first) (local.get $count)))
        (local.set $end (i32.add (local.get $first) (global.get $chunkRows)))
        (if (i32.gt_u (local.get $end) (local.get $count)) (then (local.set $end (local.get $count))))
        (call $prepareRows
          (local.get $float) (local.get $fixed) (local.get $errors) (local.get $first) (local.get $end))
        (if (global.get $headBytes)
          (then
            (call $writeHeads
              (local.get $fixed) (local.get $heads) (local.get $tails) (local.get $first) (local.get $end)
              (local.get $scratch))))
        (drop (i32.atomic.rmw.add (local.get $done) (i32.const 1)))
        (br $next))))

  ;; Takes blocks of queries by the counter at `taken` until none is left, and counts them at `done`: the first `large` are
  ;; large ones. The list of a query
  ;; is `length` similarities, `length` rows, and what no row outside it is above in fixed point. Queries are padded to
  ;; whole blocks, the bank to a multiple of four; bankCount is at least `length`. scratch holds a chunk's numbers for each
  ;; query of a block, and a chunk's more.
  (func (export "nearest")
    (param $queries i32) (param $bank i32) (param $floatQueries i32) (param $floatBank i32)
    (param $queryHeads i32) (param $bankHeads i32) (param $queryTails i32) (param $bankTails i32)
    (param $large i32) (param $blocks i32) (param $bankCount i32) (param $lists i32) (param $scratch i32) (param $taken i32) (param $done i32)
    (local $block i32) (local $first i32) (local $query i32) (local $listBytes i32) (local $list i32) (local $slot i32)
    (local.set $listBytes (i32.add (i32.shl (global.get $length) (i32.const 3)) (i32.const 4)))
    (block $end
      (loop $next
        (br_if $end
          (i32.ge_u
            (local.tee $block (i32.atomic.rmw.add (local.get $taken) (i32.const 1)))
            (local.get $blocks)))
        (if (i32.lt_u (local.get $block) (local.get $large))
          (then
            (global.set $blockRows (global.get $largeRows))
            (local.set $first (i32.mul (local.get $block) (global.get $largeRows))))
          (else
            (global.set $blockRows (global.get $smallRows))
            (local.set $first
              (i32.add
                (i32.mul (local.get $large) (global.get $largeRows))
                (i32.mul (i32.sub (local.get $block) (local.get $large)) (global.get $smallRows))))))
        (local.set $list (i32.add (local.get $lists) (i32.mul (local.get $first) (local.get $listBytes))))
        (local.set $query (i32.const 0))
        (loop $empty
          (local.set $slot (i32.const 0))
          (loop $slots
            (i32.store
              (i32.add (local.get $list) (i32.shl (local.get $slot) (i32.const 2))) (global.get $nothing))
            (br_if $slots
              (i32.lt_u (local.tee $slot (i32.add (local.get $slot) (i32.const 1))) (global.get $length))))
          (local.set $list (i32.add (local.get $list) (local.get $listBytes)))
          (br_if $empty
            (i32.lt_u (local.tee $query (i32.add (local.get $query) (i32.const 1))) (global.get $blockRows))))
        (local.set $list (i32.add (local.get $lists) (i32.mul (local.get $first) (local.get $listBytes))))
        (if (global.get $headBytes)
          (then
            (call $searchByHeads
              (i32.add (local.get $queries) (i32.mul (local.get $first) (global.get $bytes)))
              (i32.add (local.get $queryHeads) (i32.mul (local.get $first) (global.get $headBytes)))
              (i32.add (local.get $queryTails) (i32.shl (local.get $first) (i32.const 2)))
              (local.get $bank) (local.get $bankHeads) (local.get $bankTails) (local.get $bankCount)
              (local.get $scratch) (local.get $list) (local.get $listBytes)))
          (else
            (call $search
              (i32.add (local.get $queries) (i32.mul (local.get $first) (global.get $bytes)))
              (local.get $bank) (local.get $bankCount) (local.get $scratch) (local.get $list) (local.get $listBytes))))
        (local.set $query (i32.const 0))
        (loop $weighed
          (call $weigh
            (i32.add
              (local.get $floatQueries)
              (i32.mul (i32.add (local.get $first) (local.get $query)) (i32.shl (global.get $bytes) (i32.const 1))))
            (local.get $floatBank) (local.get $list))
          (local.set $list (i32.add (local.get $list) (local.get $listBytes)))
          (br_if $weighed
            (i32.lt_u (local.tee $query (i32.add (local.get $query) (i32.const 1))) (global.get $blockRows))))
        (drop (i32.atomic.rmw.add (local.get $done) (i32.const 1)))
        (br $next))))

  ;; Offers the whole bank to the lists of one block of queries, a chunk that stays in cache at a time.
  (func $search
    (param $queries i32) (param $bank i32) (param $bankCount i32) (param $scratch i32)
    (param $lists i32) (param $listBytes i32)
    (local $row i32) (local $count i32) (local $query i32) (local $list i32) (local $similarities i32)
    (loop $chunks
      (local.set $count (i32.sub (local.get $bankCount) (local.get $row)))
      (if (i32.gt_u (local.get $count) (global.get $chunkRows)) (then (local.set $count (global.get $chunkRows))))
      (call $productsOfBlock
        (local.get $queries)
        (i32.add (local.get $bank) (i32.mul (local.get $row) (global.get $bytes)))
        (local.get $count) (global.get $bytes) (local.get $scratch))
      (local.set $query (i32.const 0))
      (local.set $list (local.get $lists))
      (local.set $similarities (local.get $scratch))
      (loop $each
        (call $offer (local.get $similarities) (local.get $count) (local.get $row) (local.get $list))
        (local.set $list (i32.add (local.get $list) (local.get $listBytes)))
        (local.set $similarities (i32.add (local.get $similarities) (i32.shl (global.get $chunkRows) (i32.const 2))))
        (br_if $each
          (i32.lt_u (local.tee $query (i32.add (local.get $query) (i32.const 1))) (global.get $blockRows))))
      (br_if $chunks
        (i32.lt_u (local.tee $row (i32.add (local.get $row) (global.get $chunkRows))) (local.get $bankCount)))))

  ;; The same, by heads.
  (func $searchByHeads
    (param $queries i32) (param $queryHeads i32) (param $queryTails i32)
    (param $bank i32) (param $bankHeads i32) (param $bankTails i32) (param $bankCount i32)
    (param $scratch i32) (param $lists i32) (param $listBytes i32)
    (local $row i32) (local $count i32) (local $query i32) (local $list i32) (local $similarities i32)
    (loop $chunks
      (local.set $count (i32.sub (local.get $bankCount) (local.get $row)))
      (if (i32.gt_u (local.get $count) (global.get $chunkRows)) (then (local.set $count (global.get $chunkRows))))
      (call $productsOfBlock
        (local.get $queryHeads)
        (i32.add (local.get $bankHeads) (i32.mul (local.get $row) (global.get $headBytes)))
        (local.get $count) (global.get $headBytes) (local.get $scratch))
      (local.set $query (i32.const 0))
      (local.set $list (local.get $lists))
      (local.set $similarities (local.get $scratch))
      (loop $each
        (call $offerByHeads
          (local.get $similarities) (local.get $count) (local.get $row) (local.get $list)
          (i32.add (local.get $bankTails) (i32.shl (local.get $row) (i32.const 2)))
          (f32.load (i32.add (local.get $queryTails) (i32.shl (local.get $query) (i32.const 2))))
          (i32.add (local.get $queries) (i32.mul (local.get $query) (global.get $bytes)))
          (i32.add (local.get $bank) (i32.mul (local.get $row) (global.get $bytes)))
          (i32.add
            (local.get $scratch)
            (i32.shl (i32.mul (global.get $blockRows) (global.get $chunkRows)) (i32.const 2))))
        (local.set $list (i32.add (local.get $list) (local.get $listBytes)))
        (local.set $similarities (i32.add (local.get $similarities) (i32.shl (global.get $chunkRows) (i32.const 2))))
        (br_if $each
          (i32.lt_u (local.tee $query (i32.add (local.get $query) (i32.const 1))) (global.get $blockRows))))
      (br_if $chunks
        (i32.lt_u (local.tee $row (i32.add (local.get $row) (global.get $chunkRows))) (local.get $bankCount)))))
)
