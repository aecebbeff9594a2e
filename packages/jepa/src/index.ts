export {
  type LejepaMethodOptions,
  type LejepaOptions,
  type LejepaTerms,
  lejepa,
  lejepaLoss,
  lejepaTerms,
} from './lejepa';
export { plugin } from './plugin';
export { type EppsPulleyOptions, eppsPulley, sigreg } from './sigreg';
