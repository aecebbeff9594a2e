export { multiViewNtXentLoss, type NtXentOptions, ntXentLoss } from './ntXent';
export { plugin } from './plugin';
export { type SimclrOptions, simclr } from './simclr';
