from typing import Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

SKU = RegexValidator(r"^[A-Z0-9][A-Z0-9.-]{1,29}$", "Capital letters, digits, dots and dashes.")


class CategoryKind(models.TextChoices):
    CYLINDER = "cylinder", "Gas cylinders (swapped full for empty)"
    ACCESSORY = "accessory", "Accessories (sold once)"


class ShellColour(models.TextChoices):
    YELLOW = "yellow", "Yellow"
    ORANGE = "orange", "Orange"
    RED = "red", "Red"
    MAROON = "maroon", "Maroon"
    BLUE = "blue", "Blue"
    SKY = "sky", "Sky blue"
    TEAL = "teal", "Teal"
    GREEN = "green", "Green"
    GREY = "grey", "Grey"
    WHITE = "white", "White"
    BLACK = "black", "Black"


class Category(models.Model):
    """A shelf of the catalogue: cylinders, regulators, hoses, burners, grills."""

    name = models.CharField(max_length=40, unique=True)
    slug = models.SlugField(max_length=40, unique=True)
    kind = models.CharField(max_length=10, choices=CategoryKind.choices)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name


class Brand(models.Model):
    """Who owns the shell, and the colour it is painted."""

    name = models.CharField(max_length=40, unique=True)
    slug = models.SlugField(max_length=40, unique=True)
    colour = models.CharField(max_length=10, choices=ShellColour.choices, default=ShellColour.GREY)

    def __str__(self) -> str:
        return self.name


class ProductQuerySet(models.QuerySet["Product"]):
    def matching(self, words: str) -> Self:
        """Search by parts of the name, the brand, or the names and codes of the sizes."""
        for word in words.split()[:5]:
            sizes = Variant.objects.filter(product=models.OuterRef("pk"))
            size = sizes.filter(Q(name__icontains=word) | Q(sku__icontains=word))
            self = self.filter(
                Q(name__icontains=word) | Q(brand__name__icontains=word) | models.Exists(size)
            )
        return self

    def sold(self, *, is_sold: bool = True) -> Self:
        """Those that stations may list; or else the retired ones."""
        return self.filter(retired_at__isnull=is_sold)

    def with_names(self) -> Self:
        return self.select_related("brand", "category")


class Product(models.Model):
    """What is sold, whatever its size: "K-Gas cylinder"."""

    name = models.CharField(max_length=80)
    brand = models.ForeignKey(Brand, models.PROTECT, null=True, blank=True, related_name="products")
    category = models.ForeignKey(Category, models.PROTECT, related_name="products")
    description = models.TextField(blank=True, max_length=1000)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = ProductQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name", "brand"], name="one_product_per_name_and_brand"
            ),
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(brand=None),
                name="one_product_per_name_without_brand",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class VariantQuerySet(models.QuerySet["Variant"]):
    def sold(self) -> Self:
        """What a station may still put on its shelf."""
        return self.filter(retired_at=None, product__retired_at=None)

    def with_names(self) -> Self:
        return self.select_related("product__brand", "product__category")


class Variant(models.Model):
    """One size of a product, with a SKU. `deposit` is for one shell, in minor units."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="variants")
    sku = models.CharField("SKU", max_length=30, unique=True, validators=[SKU])
    name = models.CharField(max_length=80, help_text='As buyers read it: "SP 12 kg", "Hose 1.5 m".')
    size_g = models.PositiveIntegerField(
        "size in grams", null=True, blank=True, help_text="Empty for an accessory."
    )
    deposit = models.PositiveIntegerField(default=0)
    attributes = models.JSONField(default=dict, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = VariantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(size_g__isnull=False, size_g__gt=0) | Q(size_g=None, deposit=0),
                name="only_a_cylinder_has_a_size_and_a_deposit",
            ),
        ]
        indexes = [
            models.Index(fields=["size_g"], name="variant_by_size"),
            models.Index(fields=["name"], name="variant_by_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_cylinder(self) -> bool:
        return self.size_g is not None
