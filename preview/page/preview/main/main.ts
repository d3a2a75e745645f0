/** The first script of the page: shows the Lightning-like shell. */
import '@lwc/synthetic-shadow';
import { createElement } from 'lwc';
import App from 'preview/app';

const app = createElement('preview-app', { is: App });
document.body.replaceChildren(app);
