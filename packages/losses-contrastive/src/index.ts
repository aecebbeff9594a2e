export { multiViewNtXentLoss, type NtXentOptions, ntXentLoss } from './ntXent';
