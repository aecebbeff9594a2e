export { type LejepaOptions, type LejepaTerms, lejepaLoss, lejepaTerms } from './lejepa';
export { type EppsPulleyOptions, eppsPulley, sigreg } from './sigreg';
