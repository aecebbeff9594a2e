import { useEffect, useRef } from 'preact/hooks';
import type { Picture } from '../run/protocol';

interface PictureCanvasProps {
  readonly picture: Picture;
  readonly label: string;
}

/** A picture at its own size, which CSS enlarges. */
export function PictureCanvas({ picture, label }: PictureCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { height, width, rgba } = picture;
  useEffect(() => {
    canvas.current?.getContext('2d')?.putImageData(new ImageData(rgba, width, height), 0, 0);
  }, [rgba, width, height]);
  return <canvas ref={canvas} class="picture" width={width} height={height} role="img" aria-label={label} />;
}
