"""Two resellers and twelve clients that exist nowhere, built through the same services as real ones."""

from portal.demo.build import build as build
