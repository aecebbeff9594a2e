export { type VicregOptions, type VicregTerms, vicregLoss, vicregTerms } from './vicreg';
