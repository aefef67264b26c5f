import type { AuthedImg as AuthedImgElement } from './authed-img.js';
import type { AuthGateError } from './index.js';

interface CommonProps {
  mode?: 'url' | 'blob';
  loading?: 'lazy' | 'eager';
  alt?: string;
  className?: string;
  style?: Record<string, string | number | undefined>;
  onLoad?: (event: Event) => void;
  onError?: (event: Event & { readonly error: AuthGateError }) => void;
  [attribute: string]: unknown;
}

export interface AuthedImgProps extends CommonProps {
  src: string;
  purpose?: string;
}

export interface ImmichImgProps extends CommonProps {
  assetId: string;
  size?: 'thumbnail' | 'original';
}

/** The parts of React that are used. */
export interface ReactLike {
  createElement: (...args: any[]) => any;
  forwardRef: (render: any) => any;
  useCallback: (...args: any[]) => any;
  useEffect: (...args: any[]) => any;
  useRef: (initial: any) => any;
}

type Component<Props> = (props: Props & { ref?: unknown; key?: string | number }) => any;

/** Creates the components with the given React. A `ref` is the `<authed-img>` element. */
export function createAuthedImg(React: ReactLike): {
  AuthedImg: Component<AuthedImgProps>;
  ImmichImg: Component<ImmichImgProps>;
};

export type { AuthedImgElement };
