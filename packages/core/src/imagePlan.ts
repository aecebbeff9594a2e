/** One change of a view after the crop, of values in [0, 1] that stay there. Luma is 0.2989 R + 0.587 G + 0.114 B. */
export type ImageStep =
  /** v → factor · v. */
  | { readonly kind: 'brightness'; readonly factor: number }
  /** Factor on the distance from the view's mean luma. */
  | { readonly kind: 'contrast'; readonly factor: number }
  /** Factor on the distance from each pixel's luma; nothing on grey. */
  | { readonly kind: 'saturation'; readonly factor: number }
  /** Turns HSV's hue by so many circles; nothing on grey. */
  | { readonly kind: 'hue'; readonly factor: number }
  /** Luma in all channels; nothing on grey. */
  | { readonly kind: 'grayscale' }
  /** v → 1 − v from the threshold on. */
  | { readonly kind: 'solarize'; readonly threshold: number }
  /** Weights along both axes, from the middle outwards: both sides together sum to 1. Borders mirror, without repeating the edge. */
  | { readonly kind: 'blur'; readonly weights: ArrayLike<number> };

/** How a part of an image becomes a view. */
export interface ImageResize {
  /** What lies beyond the part: its own edge, or the rest of the image, whose border then repeats. */ readonly edge:
    | 'crop'
    | 'image';
  /** Whether shrinking averages over all the pixels it covers. */ readonly antialias: boolean;
  /** Cubic: Keys' with a = −0.5 where antialiased, −0.75 otherwise. */ readonly interpolation: 'bilinear' | 'bicubic';
}

/** One view of one image, with nothing random left about it. */
export interface PlannedView {
  /** The part that it shows, in pixels of the image. */ readonly region: {
    readonly top: number;
    readonly left: number;
    readonly height: number;
    readonly width: number;
  };
  /** Mirrors left and right. */ readonly flip: boolean;
  /** Mirrors top and bottom. */ readonly verticalFlip: boolean;
  /** In this order, before normalisation. */ readonly steps: readonly ImageStep[];
  /** What the pipeline tells of the view as `locations/0`, …, if it does. */ readonly location?: readonly number[];
}

/** What a pipeline of image views does, as data: enough to render its views on another device, to the same values. */
export interface ImagePlan<Parameters = unknown> {
  /** Transforms, by name, of which only the pipeline itself knows what they do. With any, `views` cannot be called. */
  readonly opaque: readonly string[];
  /** Of each view, in the order of `views/0`, `views/1`, …. */ readonly resize: readonly ImageResize[];
  /** Subtracted at the end, per channel. */ readonly mean: readonly number[];
  /** Divided by at the end, per channel. */ readonly std: readonly number[];
  /** What becomes of an image of that size, by what the pipeline drew for it. @throws UnlabelError `INVALID_OPTION` */
  views(parameters: Parameters, source: { readonly height: number; readonly width: number }): readonly PlannedView[];
}
