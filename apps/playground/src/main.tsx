import { render } from 'preact';
import { z } from 'zod';
import { acceptDrops } from './page/DataPanel';
import { Page } from './page/Page';
import { begin } from './page/state';
import './style.css';

z.config({ jitless: true }); // compiling schemas needs eval, which the page's policy forbids

const root = document.getElementById('page');
if (root) render(<Page />, root);
acceptDrops();
void begin();
