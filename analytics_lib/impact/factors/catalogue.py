"""Every factor set by name."""

from analytics_lib.core.checks import require_choice
from analytics_lib.impact.factors.by_food import BY_FOOD
from analytics_lib.impact.factors.by_product import BY_PRODUCT
from analytics_lib.impact.factors.factor_set import FactorSet
from analytics_lib.impact.factors.platform_default import PLATFORM_DEFAULT
from analytics_lib.impact.factors.published import (
    FAO_2013,
    OLIO_2024,
    TOO_GOOD_TO_GO_2024,
    WRAP,
)

FACTOR_SETS: dict[str, FactorSet] = {
    one.name: one
    for one in (
        PLATFORM_DEFAULT,
        FAO_2013,
        WRAP,
        TOO_GOOD_TO_GO_2024,
        OLIO_2024,
        BY_FOOD,
        BY_PRODUCT,
    )
}


def factor_set(chosen: str | FactorSet) -> FactorSet:
    """The factor set of that name, or the researcher's own as it is.

    Raises:
        ParameterError: There is no set of that name.

    Examples:
        >>> factor_set("wrap").require("ghg", region="GB").value
        2.0
        >>> factor_set("wrp")
        Traceback (most recent call last):
        ...
        analytics_lib.core.errors.ParameterError: `factor_set` is 'wrp'; it must be one of
        ['by_food', 'by_product', 'fao_2013', 'olio_2024', 'platform_default',
        'too_good_to_go_2024', 'wrap']. Did you mean 'wrap'?
    """
    if isinstance(chosen, FactorSet):
        return chosen
    require_choice(chosen, FACTOR_SETS, name="factor_set")
    return FACTOR_SETS[chosen]
