import { readOnnxMetadata } from '@unlabel/backend-onnx';
import { InferenceSession, Tensor } from 'onnxruntime-web/wasm';

/** Opens an exported encoder of images: the function that it gives turns an image into features. */
export async function openEncoder(url: string): Promise<(image: ImageBitmap) => Promise<number[]>> {
  const file = new Uint8Array(await (await fetch(url)).arrayBuffer());
  const how: { mean: number[]; std: number[]; image_size: [number, number] } = JSON.parse(
    readOnnxMetadata(file).preprocessing ?? '',
  );
  const session = await InferenceSession.create(file);
  const [height, width] = how.image_size;
  return async (image) => {
    const channels = how.mean.length; // grey images have the same in red, green and blue
    const rgba = cropped(image, width, height);
    const input = Float32Array.from({ length: width * height * channels }, (_, at) => {
      const channel = at % channels;
      const value = (rgba[4 * Math.floor(at / channels) + channel] ?? 0) / 255;
      return (value - (how.mean[channel] ?? 0)) / (how.std[channel] ?? 1);
    });
    const { features } = await session.run({ input: new Tensor('float32', input, [1, height, width, channels]) });
    return Array.from(features?.data ?? [], Number);
  };
}

/** The largest centred part of these proportions, resized. */
function cropped(image: ImageBitmap, width: number, height: number): Uint8ClampedArray {
  const context = new OffscreenCanvas(width, height).getContext('2d');
  const scale = Math.min(image.width / width, image.height / height);
  const [w, h] = [width * scale, height * scale];
  context?.drawImage(image, (image.width - w) / 2, (image.height - h) / 2, w, h, 0, 0, width, height);
  return context?.getImageData(0, 0, width, height).data ?? new Uint8ClampedArray();
}
